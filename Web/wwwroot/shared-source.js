/**
 * shared-source.js: one connection for all tabs of an origin, over all the topics that they follow, with the face of EventSource. No
 * dependency but event-stream.js and shared-connection.js beside it.
 *
 *   import { EventStream } from './event-stream.js';
 *   import { createSharedSource } from './shared-source.js';
 *
 *   const stream = new EventStream('/api/streams/news', { types: ['headline'], createSource: createSharedSource });
 *
 * Browsers allow six connections to an origin over HTTP/1.1, and a stream takes one for as long as it is open: the seventh tab would load
 * nothing at all. Here all sources at `/api/streams/TOPIC`, in all tabs, share one at `/api/streams?topic=A&topic=B…`:
 *   - A Web Lock says whose it is. When that tab is closed or crashes, the browser gives the lock to the next one, which goes on after the
 *     last events that the tabs got.
 *   - A BroadcastChannel carries the events to the others, and says who follows what. When that changes, the connection is opened anew over
 *     the topics that are followed then, each after its last event: nothing is lost between.
 *   - A source that begins elsewhere in its topic than the shared connection stands, or has missed something, catches up over a connection
 *     of its own, and gives that up once it has caught up. So each tab may begin where it likes.
 * Name all types of the topic in `types`: a tab takes an event that nobody asked for to be missing, and catches up.
 *
 * Where the browser has no Web Locks (they need HTTPS or localhost) each source has its own EventSource.
 */
import { parseEventId } from './event-stream.js';
import { SharedConnection, isBehind } from './shared-connection.js';

/** Events kept while a tab catches up. When there are more it catches up further. */
const MAX_HELD = 1000;

/** How long a source waits for a leader before it helps itself, milliseconds. */
const PATIENCE = 1000;

/**
 * A source that is shared where that is possible, else the browser's own. @param {string} address  a topic's own address, which ends with
 * its name
 */
export function createSharedSource(address) {
  // A ticket is one tab's own.
  const isShareable =
    globalThis.BroadcastChannel && globalThis.navigator?.locks && !new URL(address, globalThis.location?.href).searchParams.has('ticket');
  return isShareable ? new SharedSource(address) : new EventSource(address);
}

export class SharedSource extends EventTarget {
  readyState = 0;

  #address;
  #topic;
  #name;
  #me = crypto.randomUUID();
  #channel;
  #types = new Set(['stream.open', 'stream.gap', 'stream.seen', 'stream.end']);
  #position;
  /** The connection to catch up with, if there is one. */
  #own = null;
  #ownOpen = null;
  /** The shared connection, where this source leads. */
  #shared = null;
  /** Whether events of the shared connection are this source's: it has caught up with it. */
  #isCaughtUp = false;
  /** Where the shared connection stands in this topic, and what it said of it when it opened. */
  #leaderAt = null;
  #leaderOpen = null;
  #held = [];
  #patience = null;
  /** Whether this source has the lock that shows others that it lives. */
  #isHeld = false;
  #over = new AbortController();

  /** @param {string} address  the topic's address; `lastEventId` in it is where this source begins */
  constructor(address) {
    super();
    this.#address = new URL(address, globalThis.location?.href);
    this.#position = parseEventId(this.#address.searchParams.get('lastEventId'));
    this.#address.searchParams.delete('lastEventId');
    const base = new URL('.', this.#address).href.slice(0, -1);
    this.#topic = decodeURIComponent(this.#address.pathname.slice(this.#address.pathname.lastIndexOf('/') + 1));
    this.#name = `event-streams ${base}`;
    this.#channel = new BroadcastChannel(this.#name);
    this.#channel.onmessage = ({ data }) => this.#heard(data);
    this.#hold();
    this.#campaign(base);
    // The listeners that are added in this turn are part of it.
    queueMicrotask(() => this.#greet());
    // One that begins at the head has no place to name until it has been there.
    if (this.#address.searchParams.has('from') && !this.#position) this.#open();
  }

  addEventListener(type, listener, options) {
    super.addEventListener(type, listener, options);
    if (type === 'error' || this.#types.has(type)) return;
    this.#types.add(type);
    if (this.#own) this.#listen(type);
    if (this.#isCaughtUp || this.#shared) this.#greet();
  }

  close() {
    if (this.#over.signal.aborted) return;
    this.readyState = 2;
    clearTimeout(this.#patience);
    this.#own?.close();
    this.#tell({ kind: 'bye', from: this.#me });
    this.#shared?.close();
    if (this.#shared) this.#say({ kind: 'lost' });
    this.#over.abort();
    this.#channel.close();
  }

  /**
   * A lock for as long as this source lives, so that the leader can tell who was closed without a word. Nobody is greeted before it is
   * held.
   */
  #hold() {
    const { signal } = this.#over;
    navigator.locks
      .request(`${this.#name} ${this.#me}`, { signal }, () => {
        this.#isHeld = true;
        this.#greet();
        return new Promise(done => signal.addEventListener('abort', done));
      })
      .catch(ignoreAbort);
  }

  #campaign(base) {
    const { signal } = this.#over;
    navigator.locks
      .request(this.#name, { signal }, () => {
        this.#shared = new SharedConnection(base, this.#name, message => this.#tellAll(message));
        this.#tellAll({ kind: 'who' });
        return new Promise(done => signal.addEventListener('abort', done));
      })
      .catch(ignoreAbort);
  }

  /** Tells the leader of this source, and helps itself where there is none that answers. */
  #greet() {
    if (this.#over.signal.aborted) return;
    if (this.#isHeld)
      this.#tell({ kind: 'hello', from: this.#me, topic: this.#topic, types: [...this.#types], at: this.#position?.text ?? '' });
    clearTimeout(this.#patience);
    this.#patience = setTimeout(() => this.#isCaughtUp || this.#own || this.#open(), PATIENCE);
  }

  /** To the leader, which may be this source. */
  #tell(message) {
    if (this.#shared) this.#shared.heard(message);
    else this.#say(message);
  }

  /** From the leader to all, this source among them. */
  #tellAll(message) {
    this.#say(message);
    this.#heard(message);
  }

  #say(message) {
    if (!this.#over.signal.aborted) this.#channel.postMessage(message);
  }

  #heard(message) {
    if (this.#over.signal.aborted) return;
    switch (message.kind) {
      case 'hello':
      case 'bye':
        this.#shared?.heard(message);
        break;
      case 'who':
        this.#isCaughtUp = false;
        this.#leaderAt = this.#leaderOpen = null;
        this.#greet();
        break;
      case 'full':
        if (message.to === this.#me && !this.#own) this.#open();
        break;
      case 'here':
        if (message.topic === this.#topic) this.#meet(message);
        break;
      case 'lost':
        this.#leaderAt = this.#leaderOpen = null;
        if (!this.#own) this.#fail(message.readyState ?? 0);
        break;
      case 'event':
        if (message.topic === this.#topic) this.#follow(message);
        break;
    }
  }

  /** The leader says where the shared connection stands in this topic. */
  #meet({ at, open }) {
    clearTimeout(this.#patience);
    this.#leaderAt = { text: at, place: parseEventId(at) };
    this.#leaderOpen = open;
    if (this.#isCaughtUp) return;
    if (!this.#own && (at === (this.#position?.text ?? '') || isBehind(this.#position, this.#leaderAt.place))) this.#join();
    else if (this.#own) this.#joinWhenCaughtUp();
    else this.#open();
  }

  /** An event of the shared connection. */
  #follow(event) {
    if (event.type === 'stream.presence') {
      this.#take(event);
      return;
    }
    const id = parseEventId(event.id);
    if (event.type === 'stream.open') this.#leaderOpen = event.data;
    this.#leaderAt = { text: event.id, place: placeOf(event) };
    if (!this.#isCaughtUp) {
      if (event.type !== 'stream.open' && this.#held.push(event) > MAX_HELD) this.#held.shift();
      this.#joinWhenCaughtUp();
    } else if (isNotice(event) || !id || !this.#position || follows(this.#position, id)) {
      this.#take(event);
    } else if (!isBehind(this.#position, id)) {
      // Something is missing here: the log has it.
      this.#isCaughtUp = false;
      this.#held = [event];
      this.#open();
    }
  }

  #open() {
    const address = new URL(this.#address);
    if (this.#position) address.searchParams.set('lastEventId', this.#position.text);
    this.#ownOpen = null;
    const source = (this.#own = new EventSource(address));
    for (const type of this.#types) this.#listen(type);
    source.addEventListener('error', () => {
      if (source === this.#own) this.#fail(source.readyState);
    });
  }

  #listen(type) {
    const source = this.#own;
    source.addEventListener(type, ({ data, lastEventId }) => {
      if (source !== this.#own) return;
      if (type === 'stream.open') this.#ownOpen = data;
      this.#take({ type, data, id: lastEventId });
      // One that had no place to name has one now.
      if (type === 'stream.open' && !this.#leaderAt) this.#greet();
      this.#joinWhenCaughtUp();
    });
  }

  /** Gives up the connection to catch up with, as soon as it has brought all that the shared one has. */
  #joinWhenCaughtUp() {
    const at = this.#leaderAt?.place;
    if (!this.#own || !at || !this.#leaderOpen || this.#position?.epoch !== at.epoch) return;
    const first = this.#held.map(event => parseEventId(event.id)).find(id => id && !isBehind(this.#position, id));
    // Either this source is where the shared connection is, or what follows is at hand.
    if (this.#position.offset >= at.offset || (first && follows(this.#position, first))) this.#join();
  }

  #join() {
    this.#own?.close();
    this.#own = null;
    this.#isCaughtUp = true;
    const held = this.#held;
    this.#held = [];
    if (this.#leaderOpen) this.#take({ type: 'stream.open', data: this.#leaderOpen, id: this.#position?.text ?? '' });
    // What this source has already is dropped by its id.
    held.forEach(event => this.#follow(event));
  }

  /** Hands an event to the listeners, unless it has been here before. */
  #take(event) {
    const { type, data, id } = event;
    if (type === 'stream.open') {
      this.#position ??= parseEventId(id);
      this.readyState = 1;
    } else if (type === 'stream.gap') {
      this.#position = placeOf(event);
    } else if (id && type !== 'stream.presence') {
      const place = parseEventId(id);
      if (isBehind(this.#position, place) && type !== 'stream.end') return;
      this.#position = place ?? this.#position;
    }
    this.dispatchEvent(new MessageEvent(type, { data, lastEventId: id }));
  }

  #fail(readyState) {
    this.readyState = readyState;
    this.dispatchEvent(new Event('error'));
  }
}

function ignoreAbort(error) {
  if (error.name !== 'AbortError') throw error;
}

function isNotice({ type }) {
  return type === 'stream.open' || type === 'stream.gap' || type === 'stream.end';
}

/** Where a stream stands behind an event; a gap moves it to the place that the notice names. */
function placeOf({ type, data, id }) {
  if (type !== 'stream.gap') return parseEventId(id);
  try {
    return parseEventId(JSON.parse(data).cursor ?? id);
  } catch {
    return parseEventId(id);
  }
}

/** Whether it is the very next one. Epoch 0 is the place before the first event of a topic that has none yet. */
function follows(position, id) {
  return Boolean(position && (position.epoch === id.epoch || position.epoch === '0') && id.offset === position.offset + 1);
}
