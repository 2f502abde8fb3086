/** Types of event-stream.js; put them beside it. */

/** An event id, `epoch-offset-check`. Offsets count 1, 2, 3 … without gaps within an epoch. */
export interface EventId {
  epoch: string;
  offset: number;
  text: string;
}

/** An event id; null for anything else. */
export function parseEventId(text: string | null | undefined): EventId | null;

/** Takes the id of a stream over several topics apart: the index of the event's topic, and the id of each topic's newest event. */
export function splitCursors(text: string | null | undefined): { index: number; cursors: string[] } | null;

/** What the option `ticket` takes: asks a service at an address for a ticket. `init` is as of fetch. */
export function ticketFrom(address: string, init?: RequestInit): () => Promise<string>;

/** The sentence of a problem details answer (RFC 9457), or one made from its status. */
export function sentenceOf(answer: Response): Promise<string>;

/** What a stream got, by the ids of its events. */
export class StreamCounters {
  /** Events that arrived for the first time. */
  received: number;
  /** Events that were skipped. */
  missing: number;
  /** Events that came again; they were dropped. */
  duplicated: number;
  /** Events that came after a later one. */
  outOfOrder: number;
  /** Events that the server said it no longer had. */
  trimmed: number;
  /** True while every event came once and in order. */
  readonly clean: boolean;
}

/** `topic` is set where several topics are followed. */
export interface StreamEvent<T = unknown> {
  type: string;
  id: string;
  data: T;
  topic?: string;
}

export interface StreamState {
  name: 'connecting' | 'open' | 'waiting' | 'ended' | 'refused' | 'closed';
  /** The replica that serves the stream, while it is open. */
  replica: string | null;
  /** A sentence for people. */
  error: string | null;
  /** When the next attempt is made, milliseconds since 1970. */
  retryAt: number | null;
}

/** Events that cannot be had any more. */
export interface StreamGap {
  reason: 'trimmed' | 'epoch' | 'future' | 'unknown' | 'damaged';
  from?: number;
  to?: number;
  cursor?: string;
  snapshot?: string;
  topic?: string;
}

/** A part of the topic's state, where the address has `from=state`; with `first`, what was known before is void. */
export interface StreamSnapshot<T = any> {
  first: boolean;
  last: boolean;
  events: { key: string; id: string; type: string; data: T }[];
}

export interface StreamOptions {
  /** Follows these topics over one connection; the address is that of the streams without a topic. */
  topics?: string[];
  /** All types of the topic: EventSource hands over only those that somebody asked for. */
  types?: string[];
  /** An id to go on after, for example a snapshot's cursor. */
  lastEventId?: string | null;
  /** Called when events cannot be had any more; what arrives meanwhile waits. */
  loadSnapshot?: (gap: StreamGap) => unknown;
  /** What to make of an event's data; JSON by default. */
  parse?: (text: string) => unknown;
  /** Asked for a ticket, which goes into the address, and again when it has expired. An error with a `status` of 4xx ends the stream. */
  ticket?: () => string | Promise<string>;
  /** Shortest delay before EventSource is made anew, milliseconds; 500 by default. */
  minDelay?: number;
  /** Longest such delay, milliseconds; 15,000 by default. */
  maxDelay?: number;
  /** Makes the connection, for example `createSharedSource` of shared-source.js. */
  createSource?: (url: string) => EventTarget;
}

/** The stream of one topic or several: every event once and in order, over as many connections as it takes. */
export class EventStream {
  constructor(url: string, options?: StreamOptions);
  readonly counters: StreamCounters;
  /** By name, where several topics are followed. */
  readonly topics: Map<string, { counters: StreamCounters; ended: boolean }> | null;
  readonly state: StreamState;
  /** The id of the newest event: keep it with what you made of it, and pass it back as an option. */
  readonly lastEventId: string | null;
  /** Connections made so far. */
  readonly connections: number;
  on(type: 'state', listener: (state: StreamState) => void): () => void;
  on(type: 'gap', listener: (gap: StreamGap) => void): () => void;
  /** How many follow the topic, where the address has `presence=1`. */
  on(type: 'presence', listener: (presence: { topic: string; streams: number; subjects: number }) => void): () => void;
  on<T = any>(type: 'snapshot', listener: (snapshot: StreamSnapshot<T>) => void): () => void;
  on(type: 'open' | 'end', listener: (data: unknown) => void): () => void;
  on<T = any>(type: string, listener: (event: StreamEvent<T>) => void): () => void;
  /** Ends the stream for good. */
  close(): void;
}
