// Draws the sample's picture: a worker, the store in the middle, three replicas, their viewers, and what happens when a replica goes away.
'use strict';

const query = new URLSearchParams(location.search);
/** When each sentence of the narration begins, seconds: the scenes follow the voice. */
const S = (query.get('starts') ?? '1500,4300,8200,11200,15600,19600,24500,28600,33200,36900').split(',').map(ms => ms / 1000);
const END = (query.get('end') ?? 40000) / 1000;

const canvas = document.querySelector('canvas');
const g = canvas.getContext('2d');
const FONT = '"Liberation Sans", "Helvetica Neue", Arial, sans-serif';
const C = {
  back: '#0d1020',
  card: '#191e36',
  edge: '#39426b',
  text: '#f2f4ff',
  dim: '#99a3cc',
  violet: '#8b7bff',
  teal: '#35d6bd',
  amber: '#ffc24b',
  red: '#ff6b7a',
};

const WORKER = { x: 160, y: 300 };
const STORE = { x: 480, y: 300 };
const SERVERS = [
  { x: 800, y: 170 },
  { x: 800, y: 300 },
  { x: 800, y: 430 },
];
const VIEWERS = [0, 1, 2, 3, 4, 5].map(i => ({ x: 1120, y: 130 + i * 68 }));
/** Which server each viewer reaches: mixed on purpose, and again for those that move. */
const BEFORE = [0, 1, 0, 2, 1, 2];
const AFTER = [0, 0, 0, 2, 2, 2];
const WATCHED = 4; // the viewer whose list of events is shown at the bottom

const HOP = 0.55; // seconds that an event takes from one station to the next
const PERIOD = 1.55; // between events
const FIRST = S[2] + 0.2;
const LAST = S[8] + 0.4;
const DOWN = S[6] + 0.7;
const MOVED = S[6] + 2.5;
const CAUGHT_UP = S[7] + 1.2;

const events = [];
for (let at = FIRST, n = 1; at < LAST; at += PERIOD, n++) {
  const stored = at + HOP;
  const served = stored + HOP;
  const seen = served + HOP;
  const live = seen > S[5] + 0.8;
  const missed = seen > DOWN && served < CAUGHT_UP;
  events.push({ n, at, stored, served, seen, live, missed });
}
const shown = events.filter(e => e.live);
shown
  .filter(e => e.missed)
  .forEach((e, i) => {
    e.resent = CAUGHT_UP + i * 0.3;
  });

const clamp = v => Math.min(1, Math.max(0, v));
const ease = v => {
  v = clamp(v);
  return v * v * (3 - 2 * v);
};
const since = (t, start, seconds = 0.6) => ease((t - start) / seconds);
const between = (a, b, k) => ({ x: a.x + (b.x - a.x) * k, y: a.y + (b.y - a.y) * k });

function text(string, x, y, size, color, { align = 'center', weight = '400', alpha = 1 } = {}) {
  g.globalAlpha = alpha;
  g.font = `${weight} ${size}px ${FONT}`;
  g.textAlign = align;
  g.textBaseline = 'middle';
  g.fillStyle = color;
  g.fillText(string, x, y);
  g.globalAlpha = 1;
}

function card(x, y, w, h, { edge = C.edge, fill = C.card, alpha = 1, radius = 16, width = 2, dash = [] } = {}) {
  g.globalAlpha = alpha;
  g.beginPath();
  g.roundRect(x - w / 2, y - h / 2, w, h, radius);
  g.fillStyle = fill;
  g.fill();
  g.setLineDash(dash);
  g.lineWidth = width;
  g.strokeStyle = edge;
  g.stroke();
  g.setLineDash([]);
  g.globalAlpha = 1;
}

function line(a, b, color, alpha = 1, width = 2) {
  g.globalAlpha = alpha;
  g.strokeStyle = color;
  g.lineWidth = width;
  g.beginPath();
  g.moveTo(a.x, a.y);
  g.lineTo(b.x, b.y);
  g.stroke();
  g.globalAlpha = 1;
}

function dot(p, color, n, radius = 13) {
  g.fillStyle = color + '33';
  g.beginPath();
  g.arc(p.x, p.y, radius + 6, 0, 7);
  g.fill();
  g.fillStyle = color;
  g.beginPath();
  g.arc(p.x, p.y, radius, 0, 7);
  g.fill();
  if (n) text(n, p.x, p.y + 1, 14, C.back, { weight: '700' });
}

function heading(t) {
  const words = [
    '',
    'A worker listens and writes',
    'Every line is an event',
    'One place for all events: Redis',
    'Every replica listens',
    'Any viewer, on any replica',
    'A replica goes away',
    'Resume after the last event',
    'Nothing lost, nothing duplicated',
    '',
  ];
  for (let i = 1; i < words.length - 1; i++) {
    const alpha = since(t, S[i] - 0.2, 0.4) * (1 - since(t, S[i + 1] - 0.5, 0.3));
    if (alpha > 0) text(words[i], 640, 52, 34, C.text, { weight: '700', alpha });
  }
}

function worker(t, alpha) {
  card(WORKER.x, WORKER.y, 210, 190, { alpha, edge: C.violet });
  for (let i = 0; i < 19; i++) {
    const h = 6 + 34 * Math.abs(Math.sin(t * 3.1 + i * 1.7) * Math.sin(t * 1.3 + i * 0.6));
    g.globalAlpha = alpha;
    g.fillStyle = C.violet;
    g.beginPath();
    g.roundRect(WORKER.x - 84 + i * 9, WORKER.y - 40 - h / 2, 5, h, 2.5);
    g.fill();
  }
  g.globalAlpha = 1;
  [150, 168, 96].forEach((w, i) => {
    const k = clamp(((t - S[1] + i * -0.8) % 3.2) / 0.8) * (t > S[1] ? 1 : 0);
    card(WORKER.x - 84 + w / 2, WORKER.y + 18 + i * 20, w, 7, { fill: '#2a3157', edge: '#2a3157', radius: 4, alpha, width: 0.01 });
    if (k > 0)
      card(WORKER.x - 84 + (w * k) / 2, WORKER.y + 18 + i * 20, w * k, 7, { fill: C.teal, edge: C.teal, radius: 4, alpha, width: 0.01 });
  });
  text('Worker', WORKER.x, WORKER.y + 122, 20, C.dim, { alpha });
}

function store(t, alpha) {
  card(STORE.x, STORE.y, 150, 270, { alpha, edge: C.amber });
  const held = events.filter(e => e.stored <= t);
  held.slice(-5).forEach((e, i, list) => {
    const fresh = clamp((t - e.stored) / 0.3);
    const y = STORE.y + 96 - (list.length - 1 - i) * 46;
    card(STORE.x, y, 108, 34, { alpha: alpha * (0.35 + 0.65 * fresh), fill: '#3a3220', edge: '#6d5a2c', radius: 9, width: 1.5 });
    text(`event ${e.n}`, STORE.x, y + 1, 17, C.amber, { alpha });
  });
  text('Redis', STORE.x, STORE.y + 162, 20, C.dim, { alpha });
}

function servers(t, alpha) {
  SERVERS.forEach((s, i) => {
    const gone = i === 1 ? since(t, DOWN, 0.4) : 0;
    const shake = gone > 0 && gone < 1 ? Math.sin(t * 70) * 5 : 0;
    card(s.x + shake, s.y, 180, 84, { alpha: alpha * (1 - 0.45 * gone), edge: gone ? C.red : C.teal, dash: gone ? [7, 7] : [] });
    text(`Replica ${i + 1}`, s.x + shake, s.y - (gone ? 11 : 0), 20, gone ? C.dim : C.text, { alpha });
    if (gone) text('stopped', s.x, s.y + 17, 16, C.red, { alpha: gone });
  });
}

function links(t) {
  const a = since(t, S[2], 0.5);
  if (a) line({ x: WORKER.x + 106, y: WORKER.y }, { x: STORE.x - 76, y: STORE.y }, C.edge, a * since(t, S[3] - 0.6));
  const b = since(t, S[4] + 0.3);
  if (b)
    SERVERS.forEach((s, i) =>
      line({ x: STORE.x + 76, y: STORE.y }, { x: s.x - 91, y: s.y }, C.edge, b * (i === 1 ? 1 - since(t, DOWN, 0.3) : 1)),
    );
  VIEWERS.forEach((v, i) => {
    const moves = BEFORE[i] === 1;
    const old = since(t, S[5] + 0.3 + i * 0.1) * (moves ? 1 - since(t, DOWN, 0.3) : 1);
    if (old) line({ x: SERVERS[BEFORE[i]].x + 91, y: SERVERS[BEFORE[i]].y }, { x: v.x - 24, y: v.y }, C.edge, old);
    const fresh = moves ? since(t, MOVED, 0.5) : 0;
    if (fresh)
      line(between(v, SERVERS[AFTER[i]], 0.1), between(v, { x: SERVERS[AFTER[i]].x + 91, y: SERVERS[AFTER[i]].y }, fresh), C.amber, 1, 2.5);
  });
}

function viewers(t) {
  VIEWERS.forEach((v, i) => {
    const alpha = since(t, S[5] - 0.2 + i * 0.1);
    if (!alpha) return;
    const lonely = BEFORE[i] === 1 && t > DOWN && t < MOVED + 0.4;
    card(v.x, v.y, 48, 36, { alpha, edge: lonely ? C.red : i === WATCHED ? C.amber : C.violet, radius: 8 });
    g.globalAlpha = alpha;
    g.fillStyle = lonely ? C.red : i === WATCHED ? C.amber : C.violet;
    g.beginPath();
    g.moveTo(v.x - 6, v.y - 9);
    g.lineTo(v.x + 10, v.y);
    g.lineTo(v.x - 6, v.y + 9);
    g.fill();
    g.globalAlpha = 1;
  });
  text('Viewers', 1120, 520, 20, C.dim, { alpha: since(t, S[5]) });
}

function flights(t) {
  const hop = (a, b, start, color, n, radius) => {
    const k = (t - start) / HOP;
    if (k > 0 && k < 1) dot(between(a, b, ease(k)), color, n, radius);
  };
  for (const e of events) {
    hop({ x: WORKER.x + 106, y: WORKER.y }, { x: STORE.x - 60, y: STORE.y }, e.at, C.violet, e.n);
    if (e.stored > S[4] + 0.5)
      SERVERS.forEach((s, i) => {
        if (i !== 1 || e.served < DOWN) hop({ x: STORE.x + 76, y: STORE.y }, s, e.stored, C.amber, e.n);
      });
    if (!e.live) continue;
    VIEWERS.forEach((v, i) => {
      const lost = BEFORE[i] === 1 && e.missed;
      const from = SERVERS[e.served > DOWN ? AFTER[i] : BEFORE[i]];
      hop(lost ? SERVERS[AFTER[i]] : from, v, lost ? e.resent - HOP : e.served, lost ? C.amber : C.teal, lost ? e.n : '', lost ? 12 : 7);
    });
  }
}

function ledger(t) {
  const alpha = since(t, S[5] + 0.8) * (1 - since(t, S[9] - 0.5, 0.4));
  if (!alpha) return;
  const width = 58;
  const left = 640 - (shown.length * width) / 2;
  text('what this viewer has', left - 4, 566, 17, C.dim, { alpha, align: 'left' });
  shown.forEach((e, i) => {
    if (e.seen > t) return;
    const arrives = e.missed ? e.resent : e.seen;
    const here = since(t, arrives, 0.25);
    const x = left + i * width + width / 2;
    card(x, 602, 46, 38, {
      alpha,
      radius: 9,
      dash: here ? [] : [4, 4],
      edge: here ? (e.missed ? C.amber : C.teal) : C.red,
      fill: here ? '#16302f' : 'transparent',
    });
    text(e.n, x, 603, 18, here ? C.text : C.red, { alpha, weight: '700' });
  });
  const done = since(t, S[8] + 0.5);
  if (done)
    text('✓ all of them, once, in order', left + shown.length * width, 566, 17, C.teal, {
      align: 'right',
      alpha: alpha * done,
      weight: '700',
    });
}

function titles(t) {
  const opening = 1 - since(t, S[1] - 0.6);
  const closing = since(t, S[9] - 0.2);
  const alpha = Math.max(opening, closing);
  if (!alpha) return;
  g.globalAlpha = alpha * 0.94;
  g.fillStyle = C.back;
  g.fillRect(0, 0, 1280, 720);
  g.globalAlpha = 1;
  // Three circles around one: the project's sign.
  const grow = opening ? 1 : closing; // whole from the first frame on, which players show before they play
  for (let i = 0; i < 3; i++) {
    const angle = -Math.PI / 2 + (i * Math.PI * 2) / 3 + t * 0.25;
    const p = { x: 640 + Math.cos(angle) * 74 * grow, y: 220 + Math.sin(angle) * 74 * grow };
    line({ x: 640, y: 220 }, p, C.edge, alpha, 3);
    g.globalAlpha = alpha;
    dot(p, [C.teal, C.violet, C.amber][i], '', 15);
    const k = (t * 0.8 + i / 3) % 1;
    dot(between({ x: 640, y: 220 }, p, k), C.text, '', 4);
  }
  g.globalAlpha = alpha;
  dot({ x: 640, y: 220 }, C.red, '', 20);
  g.globalAlpha = 1;
  text(opening ? 'Live events for every viewer' : 'Now it is your turn', 640, 400, 54, C.text, { weight: '700', alpha: alpha * grow });
  text(opening ? 'through any replica, with nothing lost' : 'any viewer · any replica · nothing lost', 640, 462, 26, C.dim, {
    alpha: alpha * grow,
  });
}

function draw(t) {
  // Flat on purpose: a gradient is dithered, and noise makes each frame twenty times as large.
  g.fillStyle = C.back;
  g.fillRect(0, 0, 1280, 720);
  heading(t);
  links(t);
  worker(t, since(t, S[1] - 0.4));
  store(t, since(t, S[3] - 0.9));
  servers(t, since(t, S[4] - 0.1));
  viewers(t);
  flights(t);
  ledger(t);
  titles(t);
}

if (query.has('from')) {
  const frames = [];
  for (let i = +query.get('from'); i < +query.get('to'); i++) {
    draw(i / +query.get('fps'));
    frames.push(canvas.toDataURL('image/png'));
  }
  document.querySelector('pre').textContent = frames.join('\n');
} else {
  const play = now => {
    draw((now / 1000) % (END + 1.6));
    requestAnimationFrame(play);
  };
  requestAnimationFrame(play);
}
