/** Correcting lines in place, for the owner of a job, and seeing what is corrected when the job's own stream is over. */
import { EventStream, sentenceOf } from './event-stream.js';
import { createSharedSource } from './shared-source.js';

/** Edits one line at a time, where it stands. */
export class LineEditor {
  #path;
  #put;
  #problem;
  #form = null;

  /**
   * @param {string} path  the job's address
   * @param {(cue: object) => void} put  takes a cue as it is now
   * @param {(sentence: string | null) => void} problem  shows why a correction was not taken
   */
  constructor(path, put, problem) {
    this.#path = path;
    this.#put = put;
    this.#problem = problem;
  }

  /** Opens a line. */
  edit(line) {
    this.#close();
    const form = document.createElement('form');
    form.className = 'line-editor';
    const field = document.createElement('textarea');
    field.value = line.cue.text;
    field.rows = Math.max(2, line.cue.text.split('\n').length);
    field.maxLength = 1000;
    field.required = true;
    field.dir = 'auto';
    field.setAttribute('aria-label', 'Text of the line');
    form.append(
      field,
      button('Save', 'submit', 'button primary small'),
      button('Cancel', 'button', 'button small', () => this.#close(line)),
    );
    form.addEventListener('submit', event => {
      event.preventDefault();
      this.#save(line, field);
    });
    // The list has keys of its own.
    form.addEventListener('keydown', event => {
      event.stopPropagation();
      if (event.key === 'Escape') this.#close(line);
      else if (event.key === 'Enter' && !event.shiftKey && !event.isComposing) {
        event.preventDefault();
        form.requestSubmit();
      }
    });
    form.addEventListener('click', event => event.stopPropagation());
    line.row.classList.add('editing');
    line.row.append(form);
    this.#form = form;
    field.focus();
    field.select();
  }

  async #save(line, field) {
    this.#problem(null);
    try {
      const answer = await fetch(`${this.#path}/cues/${encodeURIComponent(line.cue.cueId)}`, {
        method: 'PUT',
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify({ rev: line.cue.rev, text: field.value }),
      });
      const body = await answer
        .clone()
        .json()
        .catch(() => null);
      if (answer.ok) {
        this.#put(body);
        this.#close(line);
        return;
      }
      // What somebody else has made of it stands there now, and what was typed stays for another try.
      if (body?.current) this.#put(body.current);
      this.#problem(await sentenceOf(answer));
    } catch {
      this.#problem('The service cannot be reached. Check the connection and try again.');
    }
  }

  #close(line) {
    this.#form?.parentNode?.classList.remove('editing');
    this.#form?.remove();
    this.#form = null;
    line?.row.firstChild.focus?.({ preventScroll: true });
  }
}

/** Follows the corrections of a job that has ended. */
export function followCorrections(job, { put, deleted }) {
  const stream = new EventStream(`/api/streams/job:${job}:corrections`, {
    types: ['cue', 'job.deleted'],
    createSource: createSharedSource,
  });
  stream.on('cue', ({ data }) => put(data));
  stream.on('job.deleted', deleted);
  return stream;
}

function button(label, type, className, onClick) {
  const made = document.createElement('button');
  Object.assign(made, { type, className, textContent: label });
  if (onClick) made.addEventListener('click', onClick);
  return made;
}
