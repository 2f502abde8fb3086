/** The front page: shows the feed as it comes. */
import { EventStream } from './event-stream.js';

const MAX_LINES = 100;
const at = id => document.getElementById(id);

const stream = new EventStream('/api/streams/feed?from=head', { types: ['reading'] });

stream.on('state', ({ name, replica, error }) => {
  at('state').textContent = name;
  at('replica').textContent = replica ?? '–';
  at('problem').textContent = error ?? '';
  at('problem').hidden = !error;
});

stream.on('reading', ({ data }) => {
  const line = document.createElement('div');
  line.textContent = `${data.city}: ${data.degrees} °C`;
  const events = at('events');
  events.append(line);
  if (events.childElementCount > MAX_LINES) events.firstElementChild.remove();
  events.scrollTop = events.scrollHeight;
  for (const name of ['received', 'missing', 'duplicated']) at(name).textContent = stream.counters[name];
});
