/**
 * What a job's page says of the job and of its stream. Which notice stands there is the style sheet's to choose, by the state that is set
 * here.
 */
const STAGES = {
  queued: 'waiting for a worker',
  fetch: 'downloading the media',
  decode: 'reading the sound',
  transcribe: 'transcribing',
  done: 'done',
};
const CONNECTIONS = {
  connecting: 'connecting',
  open: 'live',
  waiting: 'reconnecting',
  ended: 'ended',
  refused: 'refused',
  closed: 'closed',
  loaded: 'not needed',
};
/** How long a stage must have been watched before its end is foretold, milliseconds, and how far it must have come in percent. */
const [LEAST_TIME, LEAST_WAY] = [3000, 2];

/** Whether nothing more happens to a job unless somebody retries it. */
export function isOver(status) {
  return ['completed', 'failed', 'canceled', 'deleted'].includes(status);
}

export class JobView {
  #page;
  #announcer;
  #began = null;

  constructor(page, announcer) {
    this.#page = page;
    this.#announcer = announcer;
    if (page.dataset.status) this.#commands(page.dataset.status);
  }

  /** Follows what a stream says of the job. */
  watch(stream) {
    delete this.#page.dataset.snapshot;
    stream.on('state', state => {
      this.connection(state.name);
      if (state.replica) this.served(state.replica);
      if (state.error) this.problem(state.error);
    });
    stream.on('*', () => {
      const { received, missing, duplicated, outOfOrder, clean } = stream.counters;
      for (const [id, value] of Object.entries({ received, missing, duplicated, 'out-of-order': outOfOrder })) at(id).textContent = value;
      this.#page.dataset.clean = clean;
    });
    stream.on('job.queued', ({ data }) => this.take({ status: 'queued', stage: 'queued', percent: 0, title: data.title }));
    stream.on('job.started', ({ data }) => this.take({ status: 'running', engine: data.engine }));
    stream.on('job.progress', ({ data }) => this.take({ status: 'running', ...data }));
    stream.on('job.retrying', ({ data }) => this.take({ status: 'retrying', error: data.reason }));
    stream.on('job.completed', ({ data }) => this.take({ status: 'completed', stage: 'done', percent: 100, engine: data.engine }));
    stream.on('job.failed', ({ data }) => this.take({ status: 'failed', error: data.reason }));
    stream.on('job.canceled', () => this.take({ status: 'canceled' }));
    stream.on('job.deleted', () => this.take({ status: 'deleted' }));
  }

  /** Takes what is known of the job; what is left out stays as it is. */
  take({ status, stage, percent, title, engine, error, isOwn }) {
    if (isOwn) this.#own();
    if (title) at('title').textContent = at('title').title = title;
    if (error) this.#error(error);
    if (engine) at('engine').textContent = `engine: ${engine}`;
    if (stage) this.#progress(stage, percent ?? 0);
    if (status !== this.#page.dataset.status) this.#status(status);
  }

  /** The state of a finished job was loaded: there is nothing to follow. */
  loaded() {
    this.#page.dataset.snapshot = '';
    this.connection('loaded');
  }

  connection(name) {
    const place = at('connection');
    if (place.dataset.state !== name && name === 'waiting') this.#announcer.say('The connection broke and is made again.');
    else if (place.dataset.state === 'waiting' && name === 'open') this.#announcer.say('Connected again. Nothing was lost.');
    place.textContent = CONNECTIONS[name];
    place.dataset.state = name;
  }

  served(replica) {
    if (replica) at('replica').textContent = replica;
  }

  canceling() {
    at('cancel').textContent = 'Canceling…';
    this.#announcer.say('The job is being canceled.');
  }

  problem(sentence) {
    at('problem').textContent = sentence ?? '';
    at('problem').hidden = !sentence;
  }

  #status(name) {
    this.#page.dataset.status = name;
    at('status').textContent = name;
    at('status').className = `status ${name}`;
    this.#commands(name);
    const notice = [...document.querySelectorAll('.notice')].find(place => getComputedStyle(place).display !== 'none');
    // The details of a failure are for whoever opens them.
    const sentence = notice?.querySelector(':scope > p') ?? notice;
    this.#announcer.say(sentence?.innerText.trim().replace(/\s+/g, ' ') ?? `The job is ${name}.`);
  }

  /** The first sentence is for everybody, the rest for whoever runs the service. */
  #error(text) {
    const [, first, rest = ''] = /^(.*?)(?:(?<=[.!?])\s+(.+))?$/s.exec(text);
    for (const place of document.querySelectorAll('.reason')) place.textContent = first;
    at('details').hidden = !rest;
    at('details').lastElementChild.textContent = rest;
  }

  /** The page may have come before the service could be asked whose the job is. */
  #own() {
    if ('own' in this.#page.dataset) return;
    this.#page.dataset.own = '';
    at('delete').hidden = false;
    this.#commands(this.#page.dataset.status);
  }

  /** Who pressed a button stays at that place: the next command takes it over. */
  #commands(name) {
    const [cancel, retry] = [at('cancel'), at('retry')];
    const hadFocus = [cancel, retry].includes(document.activeElement);
    cancel.textContent = 'Cancel the job';
    const isOwn = 'own' in this.#page.dataset;
    cancel.hidden = !isOwn || isOver(name);
    retry.hidden = !isOwn || !['failed', 'canceled'].includes(name);
    if (name === 'deleted') at('delete').hidden = true;
    if (hadFocus) (!cancel.hidden ? cancel : !retry.hidden ? retry : at('status')).focus();
  }

  #progress(stage, percent) {
    at('bar').value = Math.round(percent);
    const words = STAGES[stage] ?? stage;
    at('progress-text').textContent =
      stage === 'done' || stage === 'queued' ? words : `${words} ${Math.round(percent)} %${this.#left(stage, percent)}`;
  }

  /** How long a stage will take, by how long it took so far. */
  #left(stage, percent) {
    const now = performance.now();
    if (this.#began?.stage !== stage || percent < this.#began.percent) this.#began = { stage, percent, at: now };
    const [time, way] = [now - this.#began.at, percent - this.#began.percent];
    if (time < LEAST_TIME || way < LEAST_WAY) return '';
    const seconds = Math.ceil(((time / way) * (100 - percent)) / 1000);
    return `, about ${seconds < 90 ? `${seconds} s` : `${Math.round(seconds / 60)} min`} left`;
  }
}

function at(id) {
  return document.getElementById(id);
}
