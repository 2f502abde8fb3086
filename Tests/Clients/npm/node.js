// The clients for Node. Follows the stream with each of them, and prints what they handed over, one JSON document for each line that comes
// in.
import { createInterface } from 'node:readline';
import { EventSource } from 'eventsource';
import { createParser } from 'eventsource-parser';

const address = process.argv[2];
const clients = Object.fromEntries(['eventsource', 'eventsource-parser'].map(name => [name, { seen: [], notices: [] }]));

function take(name, type, data) {
  if (type === 'message' || !type) clients[name].seen.push(data);
  else clients[name].notices.push(type);
}

const source = new EventSource(address.replace('CLIENT', 'eventsource'));
['message', 'stream.gap', 'stream.end', 'stream.busy'].forEach(type =>
  source.addEventListener(type, event => take('eventsource', type, event.data)),
);

// A parser makes no connections: this is the loop that its users write around it.
async function parse(name) {
  let lastEventId = '';
  let retry = 1000;
  while (true) {
    try {
      const answer = await fetch(address.replace('CLIENT', name), { headers: lastEventId ? { 'Last-Event-ID': lastEventId } : {} });
      if (answer.status === 204) return;
      const parser = createParser({
        onEvent: event => {
          lastEventId = event.id ?? lastEventId;
          take(name, event.event, event.data);
        },
        onRetry: milliseconds => (retry = milliseconds),
      });
      const decoder = new TextDecoder();
      for await (const bytes of answer.body) parser.feed(decoder.decode(bytes, { stream: true }));
    } catch {
      // The connection broke; the next one goes on.
    }
    await new Promise(done => setTimeout(done, retry));
  }
}

parse('eventsource-parser');
createInterface({ input: process.stdin })
  .on('line', () => console.log(JSON.stringify(clients)))
  .on('close', () => process.exit());
