/** What a reader does with a transcript: search it, follow it, copy it, link to a place in it. */
import { copy } from './copy.js';
import { clock } from './transcript.js';

/** Places that are marked; of more hits the page shows the number. */
const MOST_MARKS = 1000;

/** Search: a field, the number of hits, and a way from one to the next. */
export class Search {
  #transcript;
  #places;
  #hits = [];
  #at = -1;
  #again = null;

  /** @param {{ field: HTMLInputElement, hits: HTMLElement, previous: HTMLElement, next: HTMLElement }} places */
  constructor(transcript, places) {
    this.#transcript = transcript;
    this.#places = places;
    places.field.addEventListener('input', () => this.#search());
    places.field.addEventListener('keydown', event => {
      if (event.key === 'Enter') this.#go(event.shiftKey ? -1 : 1);
    });
    places.previous.addEventListener('click', () => this.#go(-1));
    places.next.addEventListener('click', () => this.#go(1));
  }

  /** Looks again when lines have come, soon. */
  refresh() {
    if (this.#words && this.#again === null)
      this.#again = setTimeout(() => {
        this.#again = null;
        this.#find();
      }, 500);
  }

  get #words() {
    return this.#places.field.value.trim().toLocaleLowerCase();
  }

  #search() {
    this.#at = -1;
    this.#find();
    if (this.#hits.length) this.#go(1);
  }

  #find() {
    const words = this.#words;
    this.#hits = words ? this.#transcript.lines.filter(line => line.text.toLocaleLowerCase().includes(words)) : [];
    mark('found', this.#hits.slice(0, MOST_MARKS), words);
    this.#show();
  }

  #go(step) {
    const count = this.#hits.length;
    if (count === 0) return;
    this.#at = this.#at < 0 ? 0 : (this.#at + step + count) % count;
    const line = this.#hits[this.#at];
    this.#transcript.follow(false);
    this.#transcript.reveal(line);
    mark('found-here', [line], this.#words);
    this.#show();
  }

  #show() {
    const { hits, previous, next } = this.#places;
    const count = this.#hits.length;
    hits.textContent = !this.#words ? '' : count === 0 ? 'no hit' : this.#at < 0 ? `${count} hits` : `${this.#at + 1} of ${count}`;
    previous.hidden = next.hidden = count < 2;
    if (count === 0) mark('found-here', [], '');
  }
}

/** Marks words without touching the elements that hold them. */
function mark(name, lines, words) {
  if (!globalThis.CSS?.highlights) return;
  const ranges = [];
  for (const { words: element, text } of lines) {
    const from = text.toLocaleLowerCase().indexOf(words);
    if (from < 0 || !element.firstChild || from + words.length > element.firstChild.length) continue;
    const range = new Range();
    range.setStart(element.firstChild, from);
    range.setEnd(element.firstChild, from + words.length);
    ranges.push(range);
  }
  CSS.highlights.set(name, new Highlight(...ranges));
}

/** Copy and Link, and for whom it may be Edit, for the line under the pointer or the keyboard: one set of buttons for all lines. */
export function offerLineTools(list, linkTo, edit = null) {
  const tools = document.createElement('span');
  tools.className = 'line-tools';
  for (const [label, textOf] of [
    ['Copy', line => line.text],
    ['Link', line => linkTo(line.start)],
  ]) {
    const button = document.createElement('button');
    button.type = 'button';
    button.className = 'button small';
    button.textContent = label;
    button.addEventListener('click', () => copy(textOf(tools.parentNode.line), button));
    tools.append(button);
  }
  if (edit) {
    const button = document.createElement('button');
    button.type = 'button';
    button.className = 'button small';
    button.textContent = 'Edit';
    button.addEventListener('click', () => edit(tools.parentNode.line));
    tools.append(button);
  }
  const show = event => {
    const row = event.target.closest('[role=listitem]');
    if (!row || row === tools.parentNode) return;
    for (const button of tools.children) {
      button.textContent = button.dataset.label ?? button.textContent;
      button.setAttribute('aria-label', `${button.textContent} the line at ${clock(row.line.start)}`);
    }
    row.append(tools);
  };
  list.addEventListener('pointerover', show);
  list.addEventListener('focusin', show);
}

/** The transcript as plain text, a line each. */
export function plainText(transcript) {
  return transcript.lines.map(line => line.text).join('\n') + '\n';
}

/** A time as people write it in an address: `83`, `83.5`, `1:23`, `1:02:03`, `1h2m3s`; null for anything else. */
export function timeOf(text) {
  const parts = /^(?:(\d+)h)?(?:(\d+)m)?(?:(\d+(?:\.\d+)?)s?)?$/.exec(text ?? '') ?? /^(?:(\d+):)?(\d+):(\d+(?:\.\d+)?)$/.exec(text ?? '');
  return parts && text ? Number(parts[1] ?? 0) * 3600 + Number(parts[2] ?? 0) * 60 + Number(parts[3] ?? 0) : null;
}
