// htmx shows what comes; what it has shown is what it handed over.
const page = new URLSearchParams(location.search);
const element = document.getElementById('stream');
const isTwo = page.get('client') === 'htmx 2';
globalThis.notices = [];
Object.defineProperty(globalThis, 'seen', { get: () => [...element.querySelectorAll('i')].map(item => item.textContent) });
for (const type of ['stream.gap', 'stream.end']) element.addEventListener(type, () => notices.push(type));
element.addEventListener('htmx:sseMessage', ({ detail }) => detail.type !== 'message' && notices.push(detail.type));
element.setAttribute(isTwo ? 'sse-connect' : 'hx-sse:connect', page.get('stream'));
// Processed when the document is ready, as an attribute of the page's own would be. To process it here too opens two connections in htmx 4.
