// Follows a stream with the client that the page's address names, the way its own README shows, and keeps what it hands over.
import ReconnectingEventSource from 'reconnecting-eventsource';
import { SSE } from 'sse.js';
import { fetchEventSource } from '@microsoft/fetch-event-source';
import { EventSourcePlus } from 'event-source-plus';
import { EventStream } from '../../../Web/wwwroot/event-stream.js';

const seen = (globalThis.seen = []);
const notices = (globalThis.notices = []);
const page = new URLSearchParams(location.search);
const client = page.get('client');
const address = page.get('stream');

const take = (type, data) => (type === 'message' || !type ? seen : notices).push(type === 'message' || !type ? data : type);

const listen = source =>
  ['message', 'stream.gap', 'stream.end', 'stream.busy'].forEach(type => source.addEventListener(type, event => take(type, event.data)));

const clients = {
  EventSource: () => listen(new EventSource(address)),
  'event-stream.js': () => {
    const stream = new EventStream(address, { types: ['message'], parse: text => text });
    stream.on('message', event => take('message', event.data));
    stream.on('gap', () => take('stream.gap'));
    stream.on('end', () => take('stream.end'));
  },
  'reconnecting-eventsource': () => listen(new ReconnectingEventSource(address)),
  'sse.js': () => listen(new SSE(address, { autoReconnect: true })),
  // A connection that ends in order is the end to it, unless it is told otherwise.
  'fetch-event-source': () =>
    fetchEventSource(address, {
      openWhenHidden: true,
      onclose: () => {
        throw new Error('again');
      },
      onmessage: event => take(event.event, event.data),
    }),
  'event-source-plus': () => new EventSourcePlus(address).listen({ onMessage: message => take(message.event, message.data) }),
};

clients[client]();
