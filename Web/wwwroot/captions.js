/**
 * The subtitles of one job, in the three places where a page shows them: on the video, in the transcript and to screen readers.
 * The highest `rev` of a `cueId` wins, so that a replay is harmless; a cue that changes is changed where it stands.
 */
import { Announcer } from './announcer.js';
import { Transcript } from './transcript.js';

/** The longest that cues are taken in one go, milliseconds: short enough that the page answers meanwhile. */
const SLICE = 16;

export class Captions {
  /** The lines as people read them. */
  transcript;

  #cues = new Map();
  #track;
  #announcer;

  /** @param {{ video: HTMLVideoElement, list: HTMLElement, announcer: HTMLElement, isPlayable?: boolean, isLive?: () => boolean }} places
   *   `isPlayable`: whether a line can move the video; `isLive`: whether more lines come */
  constructor({ video, list, announcer, isPlayable = true, isLive = () => true }) {
    this.#announcer = new Announcer(announcer);
    this.#track = video.addTextTrack('captions', 'Live', 'en');
    this.#track.mode = 'showing';
    this.transcript = new Transcript(list, {
      isPlayable,
      isLive,
      onPick: line => {
        video.currentTime = line.start;
      },
    });
    // The browser knows which cues are due: to search for them here would cost more with every line.
    this.#track.addEventListener('cuechange', () =>
      this.transcript.showCurrent([...(this.#track.activeCues ?? [])].map(cue => this.#cues.get(cue.id)?.line)),
    );
  }

  get count() {
    return this.#cues.size;
  }

  /** Takes a cue as the event stream gives it; false when a newer one is there already. */
  put(cue, { announce = true } = {}) {
    const known = this.#cues.get(cue.cueId);
    if (known && known.rev >= cue.rev) return false;
    const [start, end] = [cue.startMs / 1000, cue.endMs / 1000];
    const line = { text: cue.text.replaceAll('\n', ' '), start, isPartial: cue.state === 'partial' };
    if (known) {
      known.rev = cue.rev;
      this.#caption(known.caption, cue, start, end);
      this.transcript.change(known.line, line);
      known.line.cue = cue;
    } else {
      const caption = new VTTCue(start, end, '');
      caption.id = cue.cueId;
      this.#caption(caption, cue, start, end);
      this.#track.addCue(caption);
      this.#cues.set(cue.cueId, { rev: cue.rev, caption, line: Object.assign(this.transcript.add(line), { cue }) });
    }
    // A text that is still changing would be read out again and again.
    if (announce && !line.isPartial) this.#announcer.say(line.text);
    return true;
  }

  /** Takes a cue away; one that is newer stays. */
  remove(cueId, rev = Infinity) {
    const known = this.#cues.get(cueId);
    if (!known || known.rev >= rev) return;
    this.#cues.delete(cueId);
    this.#track.removeCue(known.caption);
    this.transcript.remove(known.line);
  }

  /** Takes all cues away but these. */
  keep(cueIds) {
    const kept = new Set(cueIds);
    for (const cueId of [...this.#cues.keys()].filter(id => !kept.has(id))) this.remove(cueId);
  }

  /** Takes the cues of a snapshot, however many, in slices between which the page goes on. They are not read out: they are not news. */
  async load(cues) {
    let began = performance.now();
    for (const cue of cues) {
      this.put(cue, { announce: false });
      if (performance.now() - began < SLICE) continue;
      await nextTask();
      began = performance.now();
    }
  }

  #caption(caption, cue, start, end) {
    caption.startTime = start;
    caption.endTime = end;
    caption.text = escape(cue.text);
    // One line of air below; the default puts the text on the picture's edge.
    caption.line = -1 - cue.text.split('\n').length;
  }
}

/** A cue's text is plain; in a VTTCue it would be read as markup. */
function escape(text) {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

/** Lets the browser paint and answer. */
function nextTask() {
  return new Promise(done => setTimeout(done));
}
