/** The page for developers: an example that can be played with, and texts that can be copied. */
import { copy } from './copy.js';
import { EventStream, sentenceOf } from './event-stream.js';

const at = id => document.getElementById(id);
const topic = `try-${crypto.randomUUID().slice(0, 8)}`;
const form = at('publish');
const types = new Set([form.elements.type.value]);
let stream = null;
let cursor = null;

function connect() {
  stream = new EventStream(`/api/streams/${topic}`, { types: [...types], lastEventId: cursor });
  stream.on('state', ({ name, error }) => {
    at('state').textContent = name;
    at('cut').textContent = name === 'closed' ? 'Connect again' : 'Disconnect';
    problem(error);
  });
  stream.on('*', ({ type, id, data }) => {
    const line = document.createElement('div');
    line.textContent = `${id.split('-')[1]}  ${type}  ${JSON.stringify(data)}`;
    at('events').append(line);
    at('events').scrollTop = at('events').scrollHeight;
    for (const name of ['received', 'missing', 'duplicated'])
      at(name).textContent = Number(at(name).dataset.before ?? 0) + stream.counters[name];
  });
}

function problem(sentence) {
  at('problem').textContent = sentence ?? '';
  at('problem').hidden = !sentence;
}

form.addEventListener('submit', async event => {
  event.preventDefault();
  const { type, data } = Object.fromEntries(new FormData(form));
  // The stream hands over the types that somebody asked for.
  if (!types.has(type)) {
    types.add(type);
    stream.on(type, () => {});
  }
  try {
    const answer = await fetch(`/api/streams/${topic}?event=${encodeURIComponent(type)}`, {
      method: 'POST',
      headers: { 'Idempotency-Key': crypto.randomUUID() },
      body: data,
    });
    problem(answer.ok ? null : await sentenceOf(answer));
  } catch {
    problem('The service cannot be reached. Check the connection and try again.');
  }
});

at('cut').addEventListener('click', () => {
  if (stream.state.name !== 'closed') {
    cursor = stream.lastEventId;
    for (const name of ['received', 'missing', 'duplicated']) at(name).dataset.before = at(name).textContent;
    stream.close();
  } else {
    connect();
  }
});

for (const button of document.querySelectorAll('[data-copy]'))
  button.addEventListener('click', () => copy(at(button.dataset.copy).textContent, button));

at('topic').textContent = topic;
connect();
