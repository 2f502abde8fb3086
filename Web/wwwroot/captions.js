/**
 * The subtitles of one job, in the three places where a page shows them: on the video, in the transcript and to screen readers.
 * The highest `rev` of a `cueId` wins, so that a replay is harmless; a cue that changes is changed where it stands.
 */
export class Captions {
  #cues = new Map();
  #track;
  #video;
  #list;
  #announcer;

  /** @param {{ video: HTMLVideoElement, list: HTMLOListElement, announcer: HTMLElement }} places */
  constructor({ video, list, announcer }) {
    this.#video = video;
    this.#list = list;
    this.#announcer = announcer;
    this.#track = video.addTextTrack('captions', 'Live', 'en');
    this.#track.mode = 'showing';
    video.addEventListener('timeupdate', () => this.#follow());
    video.addEventListener('seeked', () => this.#follow());
  }

  get count() {
    return this.#cues.size;
  }

  /** Takes a cue as the event stream or the snapshot gives it; false when a newer one is there already. */
  put(cue, { announce = true } = {}) {
    const known = this.#cues.get(cue.cueId);
    if (known && known.rev >= cue.rev)
      return false;
    const entry = known ?? this.#add(cue);
    entry.rev = cue.rev;
    entry.start = cue.startMs / 1000;
    entry.end = cue.endMs / 1000;
    entry.caption.startTime = entry.start;
    entry.caption.endTime = entry.end;
    entry.caption.text = escape(cue.text);
    // One line of air below; the default puts the text on the picture's edge.
    entry.caption.line = -1 - cue.text.split('\n').length;
    entry.time.textContent = clock(entry.start);
    entry.text.textContent = cue.text.replaceAll('\n', ' ');
    entry.row.classList.toggle('partial', cue.state === 'partial');
    this.#place(entry);
    // A text that is still changing would be read out again and again.
    if (announce && cue.state === 'final')
      this.#announcer.textContent = entry.text.textContent;
    this.#follow();
    return true;
  }

  #add(cue) {
    const row = document.createElement('li');
    const button = document.createElement('button');
    const time = document.createElement('time');
    const text = document.createElement('span');
    button.type = 'button';
    button.append(time, text);
    row.append(button);
    const caption = new VTTCue(cue.startMs / 1000, cue.endMs / 1000, '');
    caption.id = cue.cueId;
    this.#track.addCue(caption);
    const entry = { row, time, text, caption, rev: 0, start: 0, end: 0 };
    button.addEventListener('click', () => { this.#video.currentTime = entry.start; });
    this.#cues.set(cue.cueId, entry);
    return entry;
  }

  /** Keeps the transcript in the media's order, whatever order the cues come in. */
  #place(entry) {
    const next = [...this.#cues.values()].filter(other => other.start > entry.start && other.row.parentNode).sort((a, b) => a.start - b.start)[0];
    const before = next?.row ?? null;
    if (entry.row.parentNode && entry.row.nextSibling === before)
      return;
    const atEnd = this.#list.scrollHeight - this.#list.scrollTop - this.#list.clientHeight < 40;
    this.#list.insertBefore(entry.row, before);
    if (atEnd && !before)
      this.#list.scrollTop = this.#list.scrollHeight;
  }

  #follow() {
    const now = this.#video.currentTime;
    for (const entry of this.#cues.values()) {
      const current = !this.#video.hidden && entry.start <= now && now < entry.end;
      if (current === entry.row.classList.contains('current'))
        continue;
      entry.row.classList.toggle('current', current);
      entry.row.toggleAttribute('aria-current', current);
      if (current && !this.#video.paused)
        this.#list.scrollTop = entry.row.offsetTop - this.#list.offsetTop - this.#list.clientHeight / 2;
    }
  }
}

/** A cue's text is plain; in a VTTCue it would be read as markup. */
function escape(text) {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

function clock(seconds) {
  const whole = Math.floor(seconds);
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, '0')}`;
}
