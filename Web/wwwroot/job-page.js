/** A job's page: shows what there is, and follows the job from there for as long as it is not over. */
import { Announcer } from './announcer.js';
import { Captions } from './captions.js';
import { copy } from './copy.js';
import { LineEditor, followCorrections } from './corrections.js';
import { EventStream, parseEventId, sentenceOf } from './event-stream.js';
import { JobView, isOver } from './job-view.js';
import { mediaOf } from './local-media.js';
import { createSharedSource } from './shared-source.js';
import { recordSpeech } from './speak.js';
import { Search, offerLineTools, plainText, timeOf } from './transcript-tools.js';

const page = document.querySelector('.job');
const path = `/api/jobs/${encodeURIComponent(page.dataset.job)}`;
const at = id => document.getElementById(id);
const video = at('video');
const view = new JobView(page, new Announcer(at('state-announcer')));
const place = new URL(location.href).searchParams.get('t');
const kept = `place of ${page.dataset.job}`;
const linkTo = seconds => `${location.origin}${location.pathname}?t=${Math.floor(seconds)}`;

let captions = null;
let stream = null;
let corrections = null;
let cursor = null;

// What was there before the page is asked for while the page prepares for it.
const opening = read();
await showMedia();
captions = new Captions({
  video,
  list: at('transcript'),
  announcer: at('announcer'),
  isPlayable: !video.hidden,
  isLive: () => !isOver(page.dataset.status),
});
const { transcript } = captions;
const search = new Search(transcript, { field: at('find'), hits: at('hits'), previous: at('previous-hit'), next: at('next-hit') });
video.addEventListener('error', () => giveUpMedia('This browser cannot play the file. Its subtitles are in the transcript.'));
useTools();
recordSpeech(page.dataset.job, at('recording'));
await open(await opening);
goToPlace();

/**
 * The state of the job, and then its cues: what had ended by the first is whole in the second. A job that is over stays as the page was
 * made.
 */
async function read() {
  try {
    const known = { status: page.dataset.status };
    const before = isOver(known.status) ? known : await job().catch(() => known);
    return { before, state: await readState() };
  } catch (error) {
    return { error };
  }
}

/** Shows the state of the job, then follows its events from that state on. */
async function open({ before, state, error }) {
  if (error) {
    view.problem(error.message);
    view.connection('closed');
    return;
  }
  await captions.load(state.cues);
  counted();
  cursor = state.cursor;
  view.served(state.replica);
  view.take(before);
  if (!isOver(page.dataset.status)) {
    follow();
    return;
  }
  loaded();
  if (page.dataset.status === 'completed' && parseEventId(cursor)?.epoch === '0')
    view.problem('The subtitles of this job are not kept any more. Submit it again to get them anew.');
}

/** The newest of every cue, and the id behind which the stream goes on: how a stream begins that is asked for the state. */
function readState() {
  return new Promise((resolve, reject) => {
    const source = new EventStream(`${path}/events?from=state`);
    let cues = [];
    source.on('snapshot', ({ first, last, events }) => {
      if (first) cues = [];
      cues.push(...events.filter(event => event.type === 'cue').map(event => event.data));
      if (!last) return;
      resolve({ cues, cursor: source.lastEventId, replica: source.state.replica });
      source.close();
    });
    source.on('state', ({ name, error }) => {
      if (name === 'waiting') view.connection(name);
      else if (name === 'refused') reject(new Error(error));
    });
  });
}

async function job() {
  const answer = await fetch(path, { cache: 'no-store' });
  if (!answer.ok) throw new TypeError(`the server answered ${answer.status}`);
  return answer.json();
}

function follow() {
  // The job's topic under its own name, so that the tabs share one connection over all their jobs.
  stream = new EventStream(`${path.replace('/jobs/', '/streams/job:')}?presence=1`, {
    types: [
      'job.queued',
      'job.started',
      'job.language',
      'job.progress',
      'cue',
      'cue.withdrawn',
      'job.retrying',
      'job.completed',
      'job.failed',
      'job.canceled',
      'job.deleted',
    ],
    createSource: createSharedSource,
    lastEventId: cursor,
    loadSnapshot: async () => {
      const { cues } = await readState();
      captions.keep(cues.map(cue => cue.cueId));
      await captions.load(cues);
      counted();
    },
  });
  view.watch(stream);
  stream.on('cue', ({ data }) => {
    if (take(data)) at('stage-text').textContent = data.text;
  });
  stream.on('presence', ({ streams, subjects }) => {
    const people = subjects || streams;
    at('watching').textContent = people === 1 ? '1 person is watching' : `${people.toLocaleString('en')} people are watching`;
  });
  stream.on('cue.withdrawn', ({ data }) => {
    captions.remove(data.cueId, data.rev);
    counted();
  });
  stream.on('state', async ({ name }) => {
    if (name !== 'ended') return;
    cursor = stream.lastEventId;
    watchCorrections();
    // The end was before the snapshot, and the state of the job came with neither.
    for (let attempt = 0; attempt < 20 && !isOver(page.dataset.status); attempt++) {
      view.take(await job().catch(() => ({ status: page.dataset.status })));
      await new Promise(done => setTimeout(done, 250));
    }
  });
}

/** Takes a cue; false when it is no news. */
function take(cue) {
  if (!captions.put(cue)) return false;
  counted();
  search.refresh();
  return true;
}

function loaded() {
  view.loaded();
  watchCorrections();
}

/** The stream of a job is over with the job; what is corrected afterwards comes on another. */
function watchCorrections() {
  corrections ??= followCorrections(page.dataset.job, { put: take, deleted: () => view.take({ status: 'deleted' }) });
}

function counted() {
  page.dataset.cues = captions.count;
  at('count').textContent = captions.count === 1 ? '1 line' : `${captions.count.toLocaleString('en')} lines`;
}

async function command(name) {
  view.problem(null);
  try {
    const answer = await fetch(`${path}/${name}`, { method: 'POST' });
    if (!answer.ok) {
      view.problem(await sentenceOf(answer));
    } else if (name === 'cancel') {
      view.canceling();
    } else if (!stream || stream.state.name === 'ended') {
      // A topic that had ended goes on.
      view.take(await answer.json());
      follow();
    }
  } catch {
    view.problem('The service cannot be reached. Check the connection and try again.');
  }
}

/** Deletes the job, after a question: nothing brings it back. */
async function remove() {
  if (!confirm('Delete this job with its subtitles and its media? Nothing brings it back.')) return;
  view.problem(null);
  try {
    const answer = await fetch(path, { method: 'DELETE' });
    if (answer.ok) view.take({ status: 'deleted' });
    else view.problem(await sentenceOf(answer));
  } catch {
    view.problem('The service cannot be reached. Check the connection and try again.');
  }
}

function useTools() {
  for (const name of ['cancel', 'retry']) at(name).addEventListener('click', () => command(name));
  at('delete').addEventListener('click', remove);
  const show = () => {
    at('follow').setAttribute('aria-pressed', transcript.isFollowing);
    at('jump').hidden = transcript.isFollowing || !transcript.now;
  };
  transcript.onFollow = show;
  at('follow').addEventListener('click', () => transcript.follow(!transcript.isFollowing));
  at('jump').addEventListener('click', () => {
    transcript.follow(true);
    at('follow').focus({ preventScroll: true });
  });
  const editor = new LineEditor(path, take, sentence => view.problem(sentence));
  offerLineTools(at('transcript'), linkTo, 'own' in page.dataset ? line => editor.edit(line) : null);
  at('copy-all').addEventListener('click', event => copy(plainText(transcript), event.currentTarget));
  at('share').addEventListener('click', event =>
    copy(video.currentTime >= 1 ? linkTo(video.currentTime) : location.origin + location.pathname, event.currentTarget),
  );
  at('txt').addEventListener('click', event => {
    event.currentTarget.href = URL.createObjectURL(new Blob([plainText(transcript)], { type: 'text/plain' }));
  });
  addEventListener('pagehide', () =>
    sessionStorage.setItem(
      kept,
      JSON.stringify({ time: video.currentTime, seen: transcript.seen?.start, isFollowing: transcript.isFollowing }),
    ),
  );
}

/** Where the address says, or where this tab was before it was loaded again. */
function goToPlace() {
  const time = timeOf(place);
  const before = JSON.parse(sessionStorage.getItem(kept) ?? 'null');
  if (time !== null) {
    const line = transcript.at(time);
    transcript.follow(false);
    if (line) transcript.reveal(line);
    if (!video.hidden) video.currentTime = time;
    else if (line) transcript.showCurrent([line]);
  } else if (before) {
    if (before.time > 0) video.currentTime = before.time;
    const line = transcript.at(before.seen);
    if (!before.isFollowing && line) {
      transcript.follow(false);
      transcript.reveal(line);
    }
  }
}

/** The file that this viewer uploaded, where there is one. */
async function showMedia() {
  if (!page.dataset.media) {
    const file = await mediaOf(page.dataset.job);
    if (!file) {
      giveUpMedia(null);
      return;
    }
    video.src = URL.createObjectURL(file);
    video.hidden = false;
    at('stage').hidden = true;
  }
  if (place === null && !isOver(page.dataset.status) && !matchMedia('(prefers-reduced-motion: reduce)').matches) start();
}

/** A player that plays nothing is not shown. */
function giveUpMedia(reason) {
  page.classList.add('no-media');
  page.classList.toggle('no-stage', isOver(page.dataset.status) && !reason);
  video.hidden = true;
  at('stage').hidden = false;
  if (reason) at('stage-text').textContent = reason;
  captions?.transcript.setPlayable(false);
}

/** Browsers start a video by themselves only without sound, unless the viewer has played here before. */
async function start() {
  try {
    await video.play();
  } catch {
    video.muted = true;
    await video.play().catch(() => {
      /* Then the viewer presses the button. */
    });
  }
}
