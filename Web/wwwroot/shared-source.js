/**
 * shared-source.js: one connection to a stream for all tabs of an origin, with the face of EventSource. No dependency but event-stream.js beside it.
 *
 *   import { EventStream } from './event-stream.js';
 *   import { createSharedSource } from './shared-source.js';
 *
 *   const stream = new EventStream('/api/streams/news', { types: ['headline'], createSource: createSharedSource });
 *
 * Browsers allow six connections to an origin over HTTP/1.1, and a stream takes one for as long as it is open: the seventh tab would load nothing at all. Here the tabs that follow the same address share one:
 *   - A Web Lock says whose it is. When that tab is closed or crashes, the browser gives the lock to the next one, which goes on after the last event that it got.
 *   - A BroadcastChannel carries the events to the others.
 *   - A tab that comes later, or has missed something, catches up over a connection of its own, and gives that up once it is level with the shared one. So each tab may begin where it likes.
 * Name all types of the topic in `types`: a tab takes an event that nobody asked for to be missing, and catches up.
 *
 * Where the browser has no Web Locks (they need HTTPS or localhost) each tab has its own EventSource.
 */
import { parseEventId } from './event-stream.js';

/** Events kept while a tab catches up. When there are more it catches up further. */
const MAX_HELD = 1000;

/** A source that is shared where that is possible, else the browser's own. @param {string} address */
export function createSharedSource(address) {
  return globalThis.BroadcastChannel && globalThis.navigator?.locks ? new SharedSource(address) : new EventSource(address);
}

export class SharedSource extends EventTarget {
  readyState = 0;

  #address;
  #channel;
  #types = new Set(['stream.open', 'stream.gap', 'stream.seen', 'stream.end']);
  #position;
  /** This tab's connection: the shared one, or the one to catch up with. */
  #own = null;
  #isLeader = false;
  /** Where the shared connection is, and what was said when it opened. */
  #leaderAt = null;
  #leaderOpen = null;
  #ownOpen = null;
  #held = [];
  #over = new AbortController();

  /** @param {string} address  the stream's address; `lastEventId` in it is where this tab begins */
  constructor(address) {
    super();
    this.#address = new URL(address, globalThis.location?.href);
    this.#position = parseEventId(this.#address.searchParams.get('lastEventId'));
    this.#address.searchParams.delete('lastEventId');
    const name = `event-stream ${this.#address.href}`;
    this.#channel = new BroadcastChannel(name);
    this.#channel.onmessage = ({ data }) => this.#heard(data);
    this.#open();
    this.#campaign(name);
    // The listeners that are added in this turn are part of it.
    queueMicrotask(() => this.#say({ kind: 'hello', types: [...this.#types] }));
  }

  addEventListener(type, listener, options) {
    super.addEventListener(type, listener, options);
    if (type !== 'error')
      this.#want([type]);
  }

  close() {
    if (this.#over.signal.aborted)
      return;
    this.readyState = 2;
    this.#own?.close();
    if (this.#isLeader)
      this.#say({ kind: 'lost' });
    this.#over.abort();
    this.#channel.close();
  }

  async #campaign(name) {
    const { signal } = this.#over;
    try {
      await navigator.locks.request(name, { signal }, () => {
        this.#isLeader = true;
        this.#leaderOpen = this.#ownOpen;
        if (!this.#own)
          this.#open();
        else
          this.#release();
        this.#say({ kind: 'here', id: this.#position?.text, open: this.#leaderOpen });
        return new Promise(done => signal.addEventListener('abort', done));
      });
    } catch (error) {
      if (!signal.aborted)
        throw error;
    }
  }

  #open() {
    const address = new URL(this.#address);
    if (this.#position)
      address.searchParams.set('lastEventId', this.#position.text);
    this.#ownOpen = null;
    const source = this.#own = new EventSource(address);
    for (const type of this.#types)
      this.#listen(type);
    source.addEventListener('error', () => {
      if (source !== this.#own)
        return;
      this.#fail(source.readyState);
      if (this.#isLeader)
        this.#say({ kind: 'lost' });
    });
  }

  #want(types) {
    for (const type of types) {
      if (this.#types.has(type))
        continue;
      this.#types.add(type);
      if (this.#own)
        this.#listen(type);
    }
  }

  #listen(type) {
    const source = this.#own;
    source.addEventListener(type, ({ data, lastEventId }) => {
      if (source !== this.#own)
        return;
      const event = { type, data, id: lastEventId };
      if (type === 'stream.open') {
        this.#ownOpen = data;
        if (this.#isLeader)
          this.#leaderOpen = data;
      }
      const isNew = this.#take(event);
      if (this.#isLeader && isNew)
        this.#say({ kind: 'event', ...event });
      else
        this.#joinWhenLevel();
    });
  }

  #heard(message) {
    switch (message.kind) {
      case 'hello':
        if (this.#isLeader) {
          this.#want(message.types);
          this.#say({ kind: 'here', id: this.#position?.text, open: this.#leaderOpen });
        }
        break;
      case 'here':
        this.#leaderAt = parseEventId(message.id);
        this.#leaderOpen = message.open;
        this.#joinWhenLevel();
        break;
      case 'lost':
        this.#leaderAt = null;
        if (!this.#own)
          this.#fail(0);
        break;
      case 'event':
        this.#follow(message);
        break;
    }
  }

  /** An event of the shared connection, in a tab that does not have it. */
  #follow(event) {
    const id = parseEventId(event.id);
    if (event.type === 'stream.open')
      this.#leaderOpen = event.data;
    this.#leaderAt = placeOf(event) ?? this.#leaderAt;
    if (this.#own) {
      if (event.type !== 'stream.open' && this.#held.push(event) > MAX_HELD)
        this.#held.shift();
      this.#joinWhenLevel();
    } else if (isNotice(event) || !id || follows(this.#position, id)) {
      this.#take(event);
    } else if (!isBehind(this.#position, id)) {
      // Something is missing here: the log has it.
      this.#held = [event];
      this.#open();
    }
  }

  /** Gives up the connection to catch up with, as soon as it has brought all that the shared one has. */
  #joinWhenLevel() {
    if (this.#isLeader || !this.#own || !this.#leaderAt || !this.#leaderOpen || this.#position?.epoch !== this.#leaderAt.epoch)
      return;
    const first = this.#held.map(event => parseEventId(event.id)).find(id => id && !isBehind(this.#position, id));
    // Either this tab is where the shared connection is, or what follows is at hand.
    if (this.#position.offset < this.#leaderAt.offset && !(first && follows(this.#position, first)))
      return;
    this.#own.close();
    this.#own = null;
    this.#take({ type: 'stream.open', data: this.#leaderOpen, id: this.#position.text });
    this.#release();
  }

  /** Takes what was held back; what this tab has already is dropped by its id. */
  #release() {
    const held = this.#held;
    this.#held = [];
    if (!this.#own)
      held.forEach(event => this.#follow(event));
  }

  /** Hands an event to the listeners; false when it has been here before. */
  #take(event) {
    const { type, data, id } = event;
    if (type === 'stream.open') {
      this.#position ??= parseEventId(id);
      this.readyState = 1;
    } else if (type === 'stream.gap') {
      this.#position = placeOf(event);
    } else if (id) {
      const place = parseEventId(id);
      if (isBehind(this.#position, place))
        return false;
      this.#position = place ?? this.#position;
    }
    this.dispatchEvent(new MessageEvent(type, { data, lastEventId: id }));
    return true;
  }

  #fail(readyState) {
    this.readyState = readyState;
    this.dispatchEvent(new Event('error'));
  }

  #say(message) {
    if (!this.#over.signal.aborted)
      this.#channel.postMessage(message);
  }
}

function isNotice({ type }) {
  return type === 'stream.open' || type === 'stream.gap';
}

/** Where a stream stands behind an event; a gap moves it to the place that the notice names. */
function placeOf({ type, data, id }) {
  if (type !== 'stream.gap')
    return parseEventId(id);
  try {
    return parseEventId(JSON.parse(data).cursor ?? id);
  } catch {
    return parseEventId(id);
  }
}

/** Whether an event is one that a stream at a place has had. */
function isBehind(position, id) {
  return Boolean(position && id && position.epoch === id.epoch && id.offset <= position.offset);
}

/** Whether it is the very next one. Epoch 0 is the place before the first event of a topic that has none yet. */
function follows(position, id) {
  return Boolean(position && (position.epoch === id.epoch || position.epoch === '0') && id.offset === position.offset + 1);
}
