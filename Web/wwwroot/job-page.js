/** A job's page: follows its event stream, at any time before, during and after the work. */
import { Captions } from './captions.js';
import { EventStream, sentenceOf } from './event-stream.js';
import { mediaOf } from './local-media.js';
import { createSharedSource } from './shared-source.js';

const page = document.querySelector('.job');
const jobId = page.dataset.job;
const at = id => document.getElementById(id);
const video = at('video');
const captions = new Captions({ video, list: at('transcript'), announcer: at('announcer') });
const isOver = status => ['completed', 'failed', 'canceled'].includes(status);
const live = !isOver(page.dataset.status);

const stream = new EventStream(`/api/jobs/${encodeURIComponent(jobId)}/events`, {
  types: ['job.queued', 'job.started', 'job.progress', 'cue', 'job.retrying', 'job.completed', 'job.failed', 'job.canceled'],
  createSource: createSharedSource,
  loadSnapshot: async () => {
    const answer = await fetch(`/api/jobs/${encodeURIComponent(jobId)}/subtitles.json`, { cache: 'no-store' });
    if (!answer.ok)
      throw new Error(`the server answered ${answer.status}`);
    for (const cue of (await answer.json()).cues)
      captions.put(cue, { announce: false });
  },
});

const words = {
  connecting: 'connecting', open: 'live', waiting: 'reconnecting', ended: 'complete', refused: 'refused', closed: 'closed',
};

stream.on('state', state => {
  at('connection').textContent = words[state.name];
  at('connection').dataset.state = state.name;
  if (state.replica)
    at('replica').textContent = state.replica;
  if (state.error)
    showProblem(state.error);
});

stream.on('*', () => {
  const { received, missing, doubled, outOfOrder, clean } = stream.counters;
  for (const [id, value] of Object.entries({ received, missing, doubled, 'out-of-order': outOfOrder }))
    at(id).textContent = value;
  page.dataset.clean = clean;
});

stream.on('job.queued', ({ data }) => {
  at('title').textContent = data.title ?? at('title').textContent;
  showProblem(null);
  showStatus('queued');
  showProgress('queued', 0);
});
stream.on('job.started', ({ data }) => {
  showProblem(null);
  showStatus('running');
  showEngine(data.engine);
});
stream.on('job.progress', ({ data }) => showProgress(data.stage, data.percent));
stream.on('job.retrying', ({ data }) => {
  showStatus('retrying');
  showProblem(`Attempt ${data.attempt} failed and is tried again: ${data.reason}`);
});
stream.on('job.completed', ({ data }) => {
  showProblem(null);
  showStatus('completed');
  showEngine(data.engine);
  showProgress('done', 100);
});
stream.on('job.failed', ({ data }) => {
  showStatus('failed');
  showProblem(data.reason);
});
stream.on('job.canceled', () => showStatus('canceled'));

stream.on('cue', ({ data }) => {
  if (!captions.put(data, { announce: live }))
    return;
  at('empty').hidden = true;
  at('stage-text').textContent = data.text;
});

function showStatus(name) {
  at('status').textContent = name;
  at('status').className = `status ${name}`;
  page.dataset.status = name;
  at('cancel').hidden = isOver(name);
  at('retry').hidden = !['failed', 'canceled'].includes(name);
}

async function command(name) {
  showProblem(null);
  try {
    const answer = await fetch(`/api/jobs/${encodeURIComponent(jobId)}/${name}`, { method: 'POST' });
    if (!answer.ok)
      showProblem(await sentenceOf(answer));
    else if (stream.state.name === 'ended')
      location.reload();   // a topic that had ended goes on, and so does its page
  } catch {
    showProblem('The service cannot be reached. Check the connection and try again.');
  }
}

for (const name of ['cancel', 'retry'])
  at(name).addEventListener('click', () => command(name));
if (page.dataset.status)
  showStatus(page.dataset.status);

function showProgress(stage, percent) {
  at('bar').setAttribute('value', String(Math.round(percent)));
  at('progress-text').textContent = stage === 'done' || stage === 'queued' ? stage : `${stage} ${Math.round(percent)} %`;
}

function showEngine(name) {
  at('engine').textContent = name ? `engine: ${name}` : '';
}

function showProblem(sentence) {
  at('problem').textContent = sentence ?? '';
  at('problem').hidden = !sentence;
}

/** The file that this viewer uploaded, where there is one. */
async function showMedia() {
  if (!page.dataset.media) {
    const file = await mediaOf(jobId);
    if (!file) {
      page.classList.add('no-media');
      return;
    }
    video.src = URL.createObjectURL(file);
    video.hidden = false;
    at('stage').hidden = true;
  }
  if (live && !matchMedia('(prefers-reduced-motion: reduce)').matches)
    await start();
}

/** Browsers start a video by themselves only without sound, unless the viewer has played here before. */
async function start() {
  try {
    await video.play();
  } catch {
    video.muted = true;
    await video.play().catch(() => { /* Then the viewer presses the button. */ });
  }
}

await showMedia();
