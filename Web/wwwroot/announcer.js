/** Says things to screen readers through a live region. What comes faster than it can be heard is summed up. */
const PAUSE = 1000;
/** Texts of one pause that are read out one by one. */
const MOST = 2;

export class Announcer {
  #region;
  #waiting = [];
  #timer = null;

  /** @param {HTMLElement} region  a live region */
  constructor(region) {
    this.#region = region;
  }

  /** Says a text: at once after a pause, else together with what else came meanwhile. */
  say(text) {
    this.#waiting.push(text);
    if (this.#timer === null) this.#speak();
  }

  #speak() {
    const texts = this.#waiting.splice(0);
    this.#timer = null;
    if (texts.length === 0) return;
    this.#region.textContent = texts.length <= MOST ? texts.join(' ') : `${texts.length} new lines. The newest: ${texts.at(-1)}`;
    this.#timer = setTimeout(() => this.#speak(), PAUSE);
  }
}
