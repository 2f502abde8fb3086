/**
 * event-stream.js: a small client for resumable event streams, over the browser's own EventSource. No dependency, no build step: copy this
 * file into your own app.
 *
 *   import { EventStream } from './event-stream.js';
 *
 *   const stream = new EventStream('/api/streams/news', {
 *     types: ['headline', 'correction'],
 *     loadSnapshot: gap => fetch('/api/news.json').then(answer => answer.json()).then(show),
 *   });
 *   stream.on('headline', event => show(event.data));        // data is parsed JSON
 *   stream.on('state', state => console.log(state.name));    // connecting, open, waiting, ended, refused, closed
 *   stream.close();
 *
 * A plain EventSource does for most pages: the server replays what was missed by itself. This adds what EventSource leaves out:
 *   - EventSource gives up forever on any answer but 200, and on some network errors. It is made anew here, after a random and growing
 *     delay, with the last id as `lastEventId`.
 *   - `stream.gap` says that events cannot be had any more: `loadSnapshot` is called, and events that arrive meanwhile are held back until
 *     it is done.
 *   - `ticket` is asked for the right to follow, and again when that has expired (`stream.expired`): the stream goes on where it was.
 *     Cookies need none of it.
 *   - An address with `from=state` begins with the topic's state: listen to `snapshot`. Behind a gap it comes anew, so that `loadSnapshot`
 *     is not needed.
 *   - `stream.end` closes the stream for good; so does 204, the answer at the end of a topic.
 *   - The ids (`epoch-offset-check`) number the events of a topic without gaps, so each stream can count what it received, missed, and got
 *     twice or out of order.
 *
 * Every event that is delivered comes once: one that comes twice is counted and dropped.
 */

/** An event id, `epoch-offset` or `epoch-offset-check`; null for anything else. Offset 0 is the place before the first event. */
export function parseEventId(text) {
  const match = /^([A-Za-z0-9]{1,32})-(\d{1,16})(?:-([0-9a-fA-F]{1,8}))?$/.exec(text ?? '');
  return match && { epoch: match[1], offset: Number(match[2]), text };
}

const DIGITS = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_~';

/**
 * Takes the id of a stream over several topics apart: the index of the event's topic in the request, and for each topic the id of its
 * newest event (empty before the first one). Ids of topics can be put together again with dots between them, in the order of another
 * request. Null for anything else.
 */
export function splitCursors(text) {
  const match = /^(\d+):(.*)$/.exec(text ?? '');
  return match && { index: Number(match[1]), cursors: match[2].split('.').map(longIdOf) };
}

/** A cursor may have a short form: ten characters of epoch, six digits of check, and the offset's digits, the lowest first. */
function longIdOf(cursor) {
  if (cursor.includes('-') || cursor.length < 17) return cursor;
  const number = digits => digits.reduce((value, digit) => value * 64 + DIGITS.indexOf(digit), 0);
  return `${cursor.slice(0, 10)}-${number([...cursor.slice(16)].reverse())}-${number([...cursor.slice(10, 16)]).toString(16)}`;
}

/** Stretches of skipped offsets that are remembered, so that late events can be told from repeated ones. */
const MAX_SKIPPED = 1000;

/**
 * Judges the ids of one topic as they arrive. The numbers say what the reader got, not what the network did: a reconnect that resumes
 * properly changes none of them.
 */
export class StreamCounters {
  /** Events that arrived for the first time. */
  received = 0;
  /** Events that were skipped without a word. They count down again when they come late. */
  missing = 0;
  /** Events that came again. */
  duplicated = 0;
  /** Events that came after a later one. */
  outOfOrder = 0;
  /** Events that the server said it no longer had. */
  trimmed = 0;

  #epoch = null;
  #last = 0;
  /** Stretches `[from, to]` of offsets that were skipped. */
  #skipped = [];

  /** Takes a position as the place to count from. Only the first one counts, and any that follows a gap. */
  startAt(id, { force = false } = {}) {
    if (!id || (this.#epoch !== null && !force)) return;
    // `0-0` is the place before the first event of a topic that has none yet: its epoch is not known.
    this.#epoch = id.epoch === '0' ? null : id.epoch;
    this.#last = id.offset;
    this.#skipped = [];
  }

  /** Counts an event; false when it has been here before. */
  count(id) {
    if (!id) {
      this.received++;
      return true;
    }
    if (this.#epoch !== null && id.epoch !== this.#epoch) {
      // Another log without a gap being told: nothing is known of how the two hang together.
      this.outOfOrder++;
      this.#last = id.offset - 1;
      this.#skipped = [];
    }
    this.#epoch = id.epoch;
    if (id.offset > this.#last) {
      const skipped = id.offset - this.#last - 1;
      if (skipped > 0) {
        this.missing += skipped;
        this.#skipped.push([this.#last + 1, id.offset - 1]);
        if (this.#skipped.length > MAX_SKIPPED) this.#skipped.shift();
      }
      this.#last = id.offset;
    } else if (this.#fill(id.offset)) {
      this.missing--;
      this.outOfOrder++;
    } else {
      this.duplicated++;
      return false;
    }
    this.received++;
    return true;
  }

  /** Passes an event that the server left out, since this reader had it in an earlier epoch of the log. */
  pass(id) {
    if (this.count(id)) this.received--;
  }

  /** Takes an offset out of the skipped ones; false when it is none of them. */
  #fill(offset) {
    const at = this.#skipped.findIndex(([from, to]) => from <= offset && offset <= to);
    if (at < 0) return false;
    const [from, to] = this.#skipped[at];
    this.#skipped.splice(
      at,
      1,
      ...[
        [from, offset - 1],
        [offset + 1, to],
      ].filter(([first, last]) => first <= last),
    );
    return true;
  }

  /** True while every event came once and in order. */
  get clean() {
    return this.missing === 0 && this.duplicated === 0 && this.outOfOrder === 0;
  }
}

/**
 * The stream of one topic or several. Listeners get `{ type, id, data, topic }`, the topic only where there are several; the names `state`,
 * `open`, `gap`, `snapshot`, `end`, `presence` (how many follow, where the address has `presence=1`) and `*` (every event) are the stream's
 * own.
 */
export class EventStream {
  /** What the stream has seen so far; where there are several topics, each has counters of its own in `topics`. */
  counters = new StreamCounters();
  /** By name, where there are several topics: `{ counters, ended }`. */
  topics = null;
  /** `{ name, replica, error, retryAt }`; `error` is a sentence for people. */
  state = { name: 'connecting', replica: null, error: null, retryAt: null };
  /** The id of the newest event, from which a new connection goes on. */
  lastEventId;
  /** Connections made so far. */
  connections = 0;

  #url;
  #options;
  #listeners = new Map();
  #source = null;
  #timer = null;
  #failures = 0;
  #held = null;
  #done = false;
  #ticket = null;
  /** When a connection was last opened, and whether with this ticket. */
  #openedAt = 0;
  #isTicketGood = false;

  /**
   * @param {string} url  the stream's address
   * @param {object} [options]
   * @param {string[]} [options.topics]  follows these topics over one connection, each as on a stream of its own; the address is that of
   * streams without a topic. The stream ends when all have ended; `end` tells of each
   * @param {string[]} [options.types]  the types of events that the topic has. EventSource hands over only types that somebody asked for,
   * so one that is neither named
   *   here nor listened to would count as missing.
   * @param {string} [options.lastEventId]  an id to go on from, for example a snapshot's cursor
   * @param {(gap: object) => unknown} [options.loadSnapshot]  called when events cannot be had any more; gap is
   * `{ reason, from, to, cursor, snapshot }`
   * @param {(text: string) => unknown} [options.parse]  what to make of an event's data; JSON by default
   * @param {() => string | Promise<string>} [options.ticket]  asked for a ticket, which goes into the address:
   * `ticketFrom('/streams/tickets?topic=news')`, say. Asked anew when
   *   the one before has expired. An error with a `status` of 4xx ends the stream; after any other it is asked again.
   * @param {number} [options.minDelay]  shortest delay before EventSource is made anew, milliseconds
   * @param {number} [options.maxDelay]  longest such delay, milliseconds
   * @param {(url: string) => EventSource} [options.createSource]  makes the connection. Anything with EventSource's face will do: this is
   * the place for one connection that the
   *   tabs of an origin share.
   */
  constructor(url, options = {}) {
    this.#url = url;
    this.#options = {
      types: [],
      parse: JSON.parse,
      minDelay: 500,
      maxDelay: 15_000,
      createSource: address => new EventSource(address),
      ...options,
    };
    this.lastEventId = options.lastEventId ?? null;
    if (options.topics) {
      this.topics = new Map(options.topics.map(topic => [topic, { counters: new StreamCounters(), ended: false }]));
      splitCursors(this.lastEventId)?.cursors.forEach((id, index) => this.#countersOf(options.topics[index]).startAt(parseEventId(id)));
    } else {
      this.counters.startAt(parseEventId(this.lastEventId));
    }
    globalThis.addEventListener?.('online', this.#retryNow);
    // Listeners that are added in the same turn as the stream miss nothing.
    queueMicrotask(() => this.#connect());
  }

  /** Calls `listener` for every event of a type; returns a function that ends it. */
  on(type, listener) {
    let listeners = this.#listeners.get(type);
    if (!listeners) {
      this.#listeners.set(type, (listeners = new Set()));
      if (this.#source && !this.#options.types.includes(type)) this.#listen(this.#source, type);
    }
    listeners.add(listener);
    return () => listeners.delete(listener);
  }

  /** Ends the stream. It cannot be opened again; make another one with its `lastEventId`. */
  close() {
    this.#finish('closed');
  }

  #connect() {
    if (this.#done) return;
    this.#drop();
    this.#setState('connecting');
    if (this.#options.ticket && !this.#ticket) this.#fetchTicket();
    else this.#open();
  }

  async #fetchTicket() {
    try {
      this.#ticket = await this.#options.ticket();
      this.#isTicketGood = false;
    } catch (error) {
      if (isFinal(error.status)) this.#finish('refused', error.message);
      else this.#connectLater(() => this.#connect());
      return;
    }
    if (!this.#done) this.#open();
  }

  #open() {
    this.connections++;
    const source = (this.#source = this.#options.createSource(this.#address()));
    source.addEventListener('stream.open', message => this.#opened(message));
    source.addEventListener('stream.gap', message => this.#gap(message));
    source.addEventListener('stream.state', message => this.#stateCame(message));
    source.addEventListener('stream.end', message => this.#ended(message));
    source.addEventListener('stream.expired', () => this.#expired(source));
    if (new URL(this.#address()).searchParams.get('presence') === '1')
      source.addEventListener('stream.presence', message => this.#emit('presence', this.#parse(message.data)));
    source.addEventListener('stream.seen', message => this.#seen(message));
    source.addEventListener('error', () => this.#failed(source));
    for (const type of new Set(['message', 'stream.reopened', ...this.#options.types, ...this.#listeners.keys()]))
      this.#listen(source, type);
  }

  #listen(source, type) {
    if (['state', 'open', 'gap', 'snapshot', 'end', 'presence', '*'].includes(type)) return;
    source.addEventListener(type, message => {
      if (source === this.#source) this.#receive({ type, text: message.data, ...this.#placeOf(message) });
    });
  }

  #address() {
    const address = new URL(this.#url, globalThis.location?.href);
    this.#options.topics?.forEach(topic => address.searchParams.append('topic', topic));
    if (this.lastEventId) address.searchParams.set('lastEventId', this.lastEventId);
    if (this.#ticket) address.searchParams.set('ticket', this.#ticket);
    return address.href;
  }

  /** The event's own id, that of the stream behind it, and the topic where there are several. */
  #placeOf({ lastEventId }) {
    const split = this.topics && splitCursors(lastEventId);
    return split
      ? { id: split.cursors[split.index], topic: this.#options.topics[split.index], streamId: lastEventId }
      : { id: lastEventId, streamId: lastEventId };
  }

  #countersOf(topic) {
    return this.topics?.get(topic)?.counters ?? this.counters;
  }

  #opened(message) {
    this.#failures = 0;
    this.#openedAt = Date.now();
    this.#isTicketGood = true;
    const data = this.#parse(message.data) ?? {};
    if (this.topics) data.topics?.forEach(({ topic, cursor, ended }) => this.#openedTopic(topic, cursor, ended));
    else this.counters.startAt(parseEventId(message.lastEventId));
    this.lastEventId ??= message.lastEventId || null;
    this.#setState('open', { replica: data.replica ?? null });
    this.#emit('open', data);
  }

  #openedTopic(topic, cursor, ended) {
    const known = this.topics.get(topic);
    known?.counters.startAt(parseEventId(cursor));
    if (known && ended) known.ended = true;
  }

  /** The server closes the stream behind this. With cookies, EventSource comes back by itself, with those that it has then. */
  #expired(source) {
    if (source !== this.#source || !this.#options.ticket) return;
    this.#ticket = null;
    this.#drop();
    if (Date.now() - this.#openedAt >= this.#options.minDelay) this.#connect();
    else this.#connectLater(() => this.#connect());
  }

  #seen(message) {
    const { id, topic, streamId } = this.#placeOf(message);
    this.#countersOf(topic).pass(parseEventId(id));
    this.lastEventId = streamId;
  }

  /** A part of the topic's state. Behind the last one the stream stands in the log; before it, the id leads to the rest. */
  #stateCame(message) {
    const { first, last, events } = JSON.parse(message.data);
    this.lastEventId = message.lastEventId;
    if (last) this.counters.startAt(parseEventId(this.lastEventId), { force: true });
    this.#emit('snapshot', { first, last, events: events.map(({ data, ...event }) => ({ ...event, data: this.#parse(data) })) });
  }

  async #gap(message) {
    const gap = this.#parse(message.data) ?? {};
    const { topic } = this.#placeOf(message);
    const counters = this.#countersOf(topic);
    if (gap.from && gap.to) counters.trimmed += gap.to - gap.from + 1;
    this.lastEventId = this.topics ? message.lastEventId : (gap.cursor ?? message.lastEventId);
    counters.startAt(parseEventId(gap.cursor ?? message.lastEventId), { force: true });
    this.#emit('gap', gap);
    if (!this.#options.loadSnapshot) return;
    // What arrives while the snapshot loads is newer than what it may show, so it waits its turn.
    const held = (this.#held ??= []);
    try {
      await this.#options.loadSnapshot(gap);
    } catch (error) {
      this.#setState(this.state.name, { error: `What was missed could not be loaded: ${error.message}` });
    }
    if (this.#held !== held) return;
    this.#held = null;
    for (const event of held) this.#deliver(event);
  }

  #receive(event) {
    const id = parseEventId(event.id);
    if (!this.#countersOf(event.topic).count(id)) return;
    if (event.streamId) this.lastEventId = event.streamId;
    if (this.#held) this.#held.push(event);
    else this.#deliver(event);
  }

  #deliver({ type, id, text, topic }) {
    const event = { type, id, data: this.#parse(text), ...(topic && { topic }) };
    this.#emit(type, event);
    this.#emit('*', event);
  }

  #ended(message) {
    const place = this.#placeOf(message);
    this.#receive({ type: 'stream.end', text: message.data, ...place });
    if (this.topics) this.topics.get(place.topic).ended = true;
    if (!this.topics || [...this.topics.values()].every(topic => topic.ended)) this.#finish('ended');
    this.#emit('end', this.#parse(message.data));
  }

  /** EventSource comes back by itself after a broken connection; only when it gave up must something be done. */
  #failed(source) {
    if (source !== this.#source || this.#done) return;
    if (source.readyState === 0) {
      this.connections++;
      this.#setState('waiting', { replica: null });
      return;
    }
    this.#drop();
    this.#connectLater(() => this.#retry());
  }

  #connectLater(connect) {
    if (this.#done) return;
    const delay = this.#delay();
    this.#setState('waiting', { replica: null, retryAt: Date.now() + delay });
    this.#timer = setTimeout(connect, delay);
  }

  /** EventSource does not say why it gave up. An answer that will not change is not worth asking for again. */
  async #retry() {
    this.#timer = null;
    if (this.#options.ticket && !this.#ticket) {
      this.#connect();
      return;
    }
    const abort = new AbortController();
    let refusal = null;
    try {
      const answer = await fetch(this.#address(), { headers: { Accept: 'text/event-stream' }, signal: abort.signal, cache: 'no-store' });
      if (answer.status === 204) refusal = { name: 'ended' };
      else if ((answer.status === 401 || answer.status === 403) && this.#isTicketGood) this.#ticket = null;
      else if (isFinal(answer.status)) refusal = { name: 'refused', error: await sentenceOf(answer) };
    } catch {
      // Out of reach: that is what the next attempt is for.
    } finally {
      abort.abort();
    }
    if (refusal) this.#finish(refusal.name, refusal.error ?? null);
    else this.#connect();
  }

  #retryNow = () => {
    if (this.#timer === null) return;
    clearTimeout(this.#timer);
    this.#failures = 0;
    this.#retry();
  };

  /** Somewhere below a ceiling that doubles, so that the viewers of a server that went away do not all come back at the same moment. */
  #delay() {
    const { minDelay, maxDelay } = this.#options;
    const ceiling = Math.min(maxDelay, minDelay * 2 ** ++this.#failures);
    return minDelay + Math.random() * (ceiling - minDelay);
  }

  #drop() {
    this.#source?.close();
    this.#source = null;
  }

  #finish(name, error = null) {
    if (this.#done) return;
    this.#done = true;
    this.#drop();
    clearTimeout(this.#timer);
    this.#timer = null;
    globalThis.removeEventListener?.('online', this.#retryNow);
    this.#setState(name, { error });
  }

  #setState(name, change = {}) {
    this.state = { ...this.state, error: null, retryAt: null, ...change, name };
    this.#emit('state', this.state);
  }

  #emit(type, value) {
    for (const listener of this.#listeners.get(type) ?? []) listener(value);
  }

  #parse(text) {
    try {
      return this.#options.parse(text);
    } catch {
      return text;
    }
  }
}

/** Whether an answer will not change. */
function isFinal(status) {
  return status >= 400 && status < 500 && status !== 408 && status !== 429;
}

/** What the option `ticket` takes: asks a service at an address, with the page's cookies or with what `init` (as of fetch) says. */
export function ticketFrom(address, init = {}) {
  return async () => {
    const answer = await fetch(address, { method: 'POST', cache: 'no-store', ...init });
    if (!answer.ok) throw Object.assign(new Error(await sentenceOf(answer)), { status: answer.status });
    return (await answer.json()).ticket;
  };
}

/** The sentence of a problem details answer (RFC 9457), or one made from its status. */
export async function sentenceOf(answer) {
  try {
    const problem = await answer.clone().json();
    return problem.detail || problem.title || `The server answered ${answer.status}.`;
  } catch {
    return `The server answered ${answer.status}${answer.statusText ? ` (${answer.statusText})` : ''}.`;
  }
}
