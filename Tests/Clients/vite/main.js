import { EventStream } from 'aspiresse-event-stream';
import { createSharedSource } from 'aspiresse-event-stream/shared-source';

globalThis.seen = [];
globalThis.stream = new EventStream('/streams/news', { types: ['item'], minDelay: 20, maxDelay: 100, createSource: createSharedSource });
stream.on('item', event => seen.push(event.data));
