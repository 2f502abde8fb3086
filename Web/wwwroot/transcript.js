/**
 * The transcript: lines in the media's order, however many and in whatever order they come.
 * They stand in blocks, of which the browser lays out only those that can be seen. So a line costs the same in a short list and in a long
 * one, and all of them can be found by the browser's own search.
 */
const BLOCK = 100;

export class Transcript {
  /** All lines, in their order. */
  lines = [];

  #list;
  #isPlayable;
  #isLive;
  #onPick;
  #current = [];
  /** The line that the keyboard reaches: the list is one tab stop. */
  #stop = null;
  #isFollowing = true;
  #placed = 0;
  #revealing = null;
  #frame = 0;

  /** Called when following begins or ends. */
  onFollow = () => {};

  /**
   * @param {HTMLElement} list  an element of the role `list`, which scrolls
   * @param {{ isPlayable: boolean, isLive: () => boolean, onPick: (line: object) => void }} options
   */
  constructor(list, { isPlayable, isLive, onPick }) {
    this.#list = list;
    this.#isLive = isLive;
    this.#onPick = onPick;
    this.setPlayable(isPlayable);
    list.addEventListener('click', event => this.#pick(event));
    list.addEventListener('keydown', event => this.#key(event));
    for (const type of ['wheel', 'touchmove']) list.addEventListener(type, () => this.#leave(), { passive: true });
    list.addEventListener('scroll', () => this.#scrolled(), { passive: true });
    // A turned phone moves the lines, and nobody has scrolled.
    new ResizeObserver(() => this.#keepUp()).observe(list);
  }

  /** Whether the list keeps what is said now in view. */
  get isFollowing() {
    return this.#isFollowing;
  }

  /** The line that is said now: the one due on the video, else the newest for as long as more of them come. */
  get now() {
    return this.#current.at(-1) ?? (this.#isLive() ? this.lines.at(-1) : null) ?? null;
  }

  /** Adds a line. @param {{ text: string, start: number, isPartial: boolean }} line */
  add(line) {
    Object.assign(line, this.#row());
    this.#show(line);
    this.#insert(line);
    return line;
  }

  /** Changes a line where it stands. */
  change(line, { text, start, isPartial }) {
    const moves = start !== line.start;
    if (moves) this.#remove(line);
    Object.assign(line, { text, start, isPartial });
    this.#show(line);
    if (moves) this.#insert(line);
  }

  /** Takes a line away. */
  remove(line) {
    this.#remove(line);
    this.#current = this.#current.filter(other => other !== line);
    if (this.#stop === line) this.#rove(this.lines[0] ?? null);
  }

  /** Marks the lines that are due on the video. */
  showCurrent(lines) {
    const current = lines.filter(Boolean);
    for (const line of this.#current) this.#mark(line, false);
    for (const line of current) this.#mark(line, true);
    this.#current = current;
    if (current.length && !this.#list.contains(document.activeElement)) this.#rove(current[0]);
    this.#keepUp();
  }

  /** Keeps what is said now in view, or stops doing so. */
  follow(isOn) {
    if (isOn !== this.#isFollowing) {
      this.#isFollowing = isOn;
      this.onFollow(isOn);
    }
    this.#keepUp();
  }

  /** The line that is said at a time, or the last one before it. */
  at(seconds) {
    return this.lines[Math.max(0, this.#after(seconds) - 1)] ?? null;
  }

  /** The line in the middle of what is seen; null where there is none. */
  get seen() {
    const list = this.#list.getBoundingClientRect();
    const middle = (list.top + list.bottom) / 2;
    let [low, high] = [0, this.lines.length - 1];
    while (low < high) {
      const line = (low + high) >>> 1;
      if (this.lines[line].row.getBoundingClientRect().bottom < middle) low = line + 1;
      else high = line;
    }
    return this.lines[low] ?? null;
  }

  /** Brings a line into view. */
  reveal(line, tries = 4) {
    this.#revealing = line;
    const list = this.#list;
    const before = list.scrollTop;
    const { top, height } = line.row.getBoundingClientRect();
    const way = top - list.getBoundingClientRect().top - (list.clientHeight - height) / 2;
    list.scrollTop += way;
    this.#placed = list.scrollTop;
    // A block that is laid out only now may be higher than it was taken to be, and make room for the rest of the way.
    const isThere = Math.abs(way) < 1 && list.scrollTop === before;
    if (!isThere && tries > 0)
      requestAnimationFrame(() => {
        if (this.#revealing === line) this.reveal(line, tries - 1);
      });
  }

  /**
   * Whether a line is a button that moves the video. Where there is no video it is only text, and the list itself is what the keyboard
   * scrolls.
   */
  setPlayable(isPlayable) {
    this.#isPlayable = isPlayable;
    this.#list.tabIndex = isPlayable ? -1 : 0;
    for (const line of this.lines) {
      const { row, time, words } = line;
      row.replaceChildren(this.#face(time, words));
    }
    this.#rove(this.lines[0] ?? null);
  }

  #row() {
    const row = document.createElement('div');
    const time = document.createElement('time');
    const words = document.createElement('span');
    row.setAttribute('role', 'listitem');
    // Each line has the direction of its own language.
    words.dir = 'auto';
    row.append(this.#face(time, words));
    return { row, time, words };
  }

  #face(time, words) {
    const face = document.createElement(this.#isPlayable ? 'button' : 'div');
    face.className = 'line';
    if (this.#isPlayable) {
      face.type = 'button';
      face.tabIndex = -1;
    }
    face.append(time, words);
    return face;
  }

  #show({ row, time, words, text, start, isPartial }) {
    time.textContent = clock(start);
    words.textContent = text;
    row.classList.toggle('partial', isPartial);
  }

  #insert(line) {
    const place = this.#after(line.start);
    const [before, next] = [this.lines[place - 1], this.lines[place]];
    this.lines.splice(place, 0, line);
    if (before && (next || before.row.parentNode.childElementCount < BLOCK)) before.row.after(line.row);
    else if (next) next.row.before(line.row);
    else this.#block().append(line.row);
    const block = line.row.parentNode;
    line.row.line = line;
    if (block.childElementCount > 2 * BLOCK) block.after(this.#block([...block.children].slice(BLOCK)));
    size(block);
    if (!this.#stop) this.#rove(line);
    this.#keepUp();
  }

  #remove(line) {
    this.lines.splice(this.lines.indexOf(line), 1);
    const block = line.row.parentNode;
    line.row.remove();
    if (block.childElementCount === 0) block.remove();
    else size(block);
  }

  #block(rows = []) {
    const block = document.createElement('div');
    block.setAttribute('role', 'none');
    block.className = 'block';
    block.append(...rows);
    size(block);
    this.#list.append(block);
    return block;
  }

  /** The place behind all lines that begin at a time or before it. */
  #after(start) {
    const lines = this.lines;
    // Lines mostly come in their order.
    if (lines.length === 0 || lines.at(-1).start <= start) return lines.length;
    let [low, high] = [0, lines.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (lines[middle].start <= start) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #mark({ row }, isCurrent) {
    row.classList.toggle('current', isCurrent);
    if (isCurrent) row.setAttribute('aria-current', 'true');
    else row.removeAttribute('aria-current');
  }

  /** At most once a frame: what is asked of the layout then is asked once, however many lines came. */
  #keepUp() {
    if (!this.#isFollowing || this.#frame) return;
    this.#frame = requestAnimationFrame(() => {
      this.#frame = 0;
      if (this.#isFollowing && this.now) this.reveal(this.now);
    });
  }

  /** The reader scrolls. */
  #leave() {
    this.#revealing = null;
    if (this.#list.scrollHeight > this.#list.clientHeight) this.follow(false);
  }

  /** The reader has gone elsewhere by the scrollbar, the keyboard or the browser's search. */
  #scrolled() {
    const list = this.#list;
    if (!this.#isFollowing || Math.abs(list.scrollTop - this.#placed) < 2 || !this.now || this.#frame) return;
    const [line, view] = [this.now.row.getBoundingClientRect(), list.getBoundingClientRect()];
    if (line.bottom < view.top || line.top > view.bottom) this.#leave();
  }

  #pick(event) {
    const line = event.target.closest('.line')?.parentNode.line;
    if (!line || !this.#isPlayable) return;
    this.#rove(line);
    this.#onPick(line);
    this.follow(true);
  }

  #key(event) {
    const line = event.target.closest('[role=listitem]')?.line;
    if (!line || event.altKey || event.ctrlKey || event.metaKey) return;
    const place = this.lines.indexOf(line);
    const last = this.lines.length - 1;
    const to = { ArrowDown: place + 1, ArrowUp: place - 1, PageDown: place + 10, PageUp: place - 10, Home: 0, End: last }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    const next = this.lines[Math.min(Math.max(to, 0), last)];
    this.#leave();
    this.#rove(next);
    next.row.firstChild.focus({ preventScroll: true });
    next.row.scrollIntoView({ block: 'nearest' });
  }

  #rove(line) {
    if (this.#isPlayable && this.#stop) this.#stop.row.firstChild.tabIndex = -1;
    this.#stop = line;
    if (this.#isPlayable && line) line.row.firstChild.tabIndex = 0;
  }
}

/** What a block is taken to be high before it is laid out for the first time. */
function size(block) {
  block.style.setProperty('--lines', block.childElementCount);
}

/** `m:ss`, and `h:mm:ss` past an hour. */
export function clock(seconds) {
  const whole = Math.floor(seconds);
  const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60].map(String);
  return hours === '0' ? `${minutes}:${rest.padStart(2, '0')}` : `${hours}:${minutes.padStart(2, '0')}:${rest.padStart(2, '0')}`;
}
