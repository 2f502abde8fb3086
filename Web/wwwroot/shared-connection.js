/** shared-connection.js: the part of shared-source.js that has the connection, in the tab that leads. */
import { parseEventId, splitCursors } from './event-stream.js';

/** Topics that one connection may have; whoever comes later has its own. */
const MAX_TOPICS = 50;

/** How long changes are gathered before the connection is opened anew, milliseconds. */
const GATHER = 20;

/** The connection that all share. What it has to say, it tells all. */
export class SharedConnection {
  #base;
  #name;
  #tellAll;
  #source = null;
  #timer = null;
  /** By topic: who follows it, where it stands (the text of an id, empty for the beginning), and what was said when it opened. */
  #topics = new Map();
  #types = new Set(['stream.open', 'stream.gap', 'stream.seen', 'stream.end']);
  /** The topics of the connection that is open, in the order of its request. */
  #order = [];

  constructor(base, name, tellAll) {
    this.#base = base;
    this.#name = name;
    this.#tellAll = tellAll;
  }

  heard(message) {
    if (message.kind === 'hello') this.#add(message);
    else this.#remove(follower => follower === message.from);
  }

  close() {
    clearTimeout(this.#timer);
    this.#source?.close();
    this.#source = null;
  }

  #add({ from, topic, types, at }) {
    for (const type of types) {
      if (this.#types.has(type)) continue;
      this.#types.add(type);
      if (this.#source) this.#listen(this.#source, type);
    }
    let entry = this.#topics.get(topic);
    if (!entry && this.#topics.size === MAX_TOPICS) {
      this.#tellAll({ kind: 'full', to: from });
      return;
    }
    if (!entry) {
      this.#topics.set(topic, (entry = { followers: new Set(), at, open: null }));
      this.#reopenSoon();
    } else if (!this.#order.includes(topic) && (!at || isBehind(parseEventId(entry.at), parseEventId(at)))) {
      // Not opened yet: it begins with whoever has seen least.
      entry.at = at;
    }
    entry.followers.add(from);
    this.#tellAll({ kind: 'here', topic, at: entry.at, open: entry.open });
    if (entry.presence) this.#tellAll({ kind: 'event', topic, type: 'stream.presence', data: entry.presence });
  }

  #remove(isGone) {
    for (const [topic, { followers }] of this.#topics) {
      [...followers].filter(isGone).forEach(follower => followers.delete(follower));
      if (followers.size > 0) continue;
      this.#topics.delete(topic);
      this.#reopenSoon();
    }
  }

  #reopenSoon() {
    this.#timer ??= setTimeout(() => this.#reopen(), GATHER);
  }

  async #reopen() {
    // Whoever was closed without a word holds no lock any more.
    const { held } = await navigator.locks.query();
    const alive = new Set(held.map(lock => lock.name));
    this.#remove(follower => !alive.has(`${this.#name} ${follower}`));
    clearTimeout(this.#timer);
    this.#timer = null;
    this.#source?.close();
    this.#source = null;
    this.#order = [...this.#topics.keys()];
    if (this.#order.length === 0) return;
    const address = new URL(this.#base);
    this.#order.forEach(topic => address.searchParams.append('topic', topic));
    if (this.#types.has('stream.presence')) address.searchParams.set('presence', '1');
    const cursors = this.#order.map(topic => this.#topics.get(topic).at);
    if (cursors.some(cursor => cursor)) address.searchParams.set('lastEventId', cursors.join('.'));
    const source = (this.#source = new EventSource(address));
    for (const type of this.#types) this.#listen(source, type);
    source.addEventListener('error', () => {
      if (source !== this.#source) return;
      this.#topics.forEach(entry => (entry.open = null));
      this.#tellAll({ kind: 'lost', readyState: source.readyState });
    });
  }

  #listen(source, type) {
    source.addEventListener(type, ({ data, lastEventId }) => {
      if (source !== this.#source) return;
      if (type === 'stream.presence') {
        this.#present(data);
        return;
      }
      const { index, cursors } = splitCursors(lastEventId);
      if (type === 'stream.open') this.#opened(JSON.parse(data));
      else this.#event(this.#order[index], type, data, cursors[index]);
    });
  }

  #opened({ topics, replica }) {
    for (const { topic, cursor, ended } of topics) {
      const entry = this.#topics.get(topic);
      if (!entry) continue;
      entry.at ||= cursor;
      entry.open = JSON.stringify({ topic, replica, cursor });
      this.#tellAll({ kind: 'event', topic, type: 'stream.open', data: entry.open, id: cursor });
      // Who comes with the end of a topic gets it once more, as 204 would say it on a stream of the topic's own.
      if (ended) this.#tellAll({ kind: 'event', topic, type: 'stream.end', data: JSON.stringify({ topic }), id: cursor });
    }
  }

  /** It has no id: the topic is in its data. */
  #present(data) {
    const { topic } = JSON.parse(data);
    const entry = this.#topics.get(topic);
    if (!entry) return;
    entry.presence = data;
    this.#tellAll({ kind: 'event', topic, type: 'stream.presence', data });
  }

  #event(topic, type, data, id) {
    const entry = this.#topics.get(topic);
    if (!entry) return;
    entry.at = id;
    this.#tellAll({ kind: 'event', topic, type, data, id });
  }
}

/** Whether an event is one that a stream at a place has had. */
export function isBehind(position, id) {
  return Boolean(position && id && position.epoch === id.epoch && id.offset <= position.offset);
}
