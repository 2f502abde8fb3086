/**
 * The system as a picture: Redis in the middle, the replicas around it, and each replica's viewers as dots around that. An event is a dot that travels; everything that moves stands for something that happened.
 */
import { placeReplicas, placeViewers } from './fanout-layout.js';

/** How long an event is shown on each of its three ways, milliseconds. The true times are a few milliseconds altogether. */
const WAY = 300;
/** An event that is this much older than the newest is one that a viewer catches up with: it did not just come from Redis. */
const STALE = 4;
const FLASH = 350;
const EVENT_COLOURS = ['violet', 'amber', 'red', 'brand'];
const COLOURS = ['card', 'edge', 'text', 'dim', 'brand'];
const TONES = ['teal', 'violet', 'amber', 'red'];

export class Picture {
  /** Frames drawn, frames that came too late, and the longest time that drawing one took, in milliseconds. */
  stats = { frames: 0, dropped: 0, worst: 0 };

  #canvas;
  #context;
  #onPick;
  #size = { width: 0, height: 0 };
  #colours = {};
  #replicas = new Map();
  #viewers = new Map();
  #places = { publisher: { x: 0, y: 0 }, redis: { x: 0, y: 0 } };
  #isRedisUp = true;
  #pulses = [];
  #newest = 0;
  #frame = 0;
  #last = null;
  #watch = new AbortController();
  #resize;
  #still = matchMedia('(prefers-reduced-motion: reduce)');

  /**
   * @param {HTMLCanvasElement} canvas
   * @param {(id: number) => void} onPick  called with the viewer whose dot is clicked
   */
  constructor(canvas, onPick) {
    this.#canvas = canvas;
    this.#context = canvas.getContext('2d');
    this.#onPick = onPick;
    canvas.picture = this;   // for those who measure
    this.#readColours();
    const options = { signal: this.#watch.signal };
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => { this.#readColours(); this.#wake(); }, options);
    canvas.addEventListener('click', event => this.#pick(event), options);
    canvas.addEventListener('pointermove', event => { canvas.style.cursor = this.#at(event) ? 'pointer' : ''; }, options);
    this.#resize = new ResizeObserver(() => this.#measure());
    this.#resize.observe(canvas);
  }

  /** Events that are shown on their way right now. */
  get moving() {
    return this.#pulses.length;
  }

  close() {
    this.#watch.abort();
    this.#resize.disconnect();
    cancelAnimationFrame(this.#frame);
  }

  /** @param {{ published: number[], deliveries: number[], viewers: object[], count?: number }} batch */
  show({ published, deliveries, viewers, count }) {
    const now = performance.now();
    for (const viewer of viewers)
      this.#put(viewer);
    if (count !== undefined) {
      for (const id of this.#viewers.keys()) {
        if (id > count)
          this.#viewers.delete(id);
      }
    }
    if (viewers.length || count !== undefined)
      this.#arrange();
    for (const number of published)
      this.#publish(number, now);
    const told = new Set();
    for (let i = 0; i < deliveries.length; i += 2)
      this.#deliver(deliveries[i], this.#viewers.get(deliveries[i + 1]), now, told);
    this.#wake();
  }

  /** @param {{ name: string, state: string }[]} list  those that are known; one that is not among them any more serves nobody */
  setReplicas(list) {
    for (const replica of this.#replicas.values())
      replica.state = 'no streams';
    for (const { name, state } of list)
      this.#replica(name).state = state;
    this.#arrange();
    this.#wake();
  }

  setRedis(isUp) {
    this.#isRedisUp = isUp;
    this.#wake();
  }

  #put({ id, state, replica }) {
    const viewer = this.#viewers.get(id);
    if (viewer)
      Object.assign(viewer, { state, replica });
    else
      // It comes from the edge, as from somewhere else.
      this.#viewers.set(id, { id, state, replica, x: this.#size.width / 2, y: this.#size.height + 20, tx: 0, ty: 0, flash: 0, colour: 'teal' });
    if (replica)
      this.#replica(replica).state = state === 'open' ? 'running' : this.#replica(replica).state;
  }

  #replica(name) {
    if (!this.#replicas.has(name))
      this.#replicas.set(name, { name, state: 'running', x: this.#places.redis.x, y: this.#places.redis.y, tx: 0, ty: 0, streams: 0 });
    return this.#replicas.get(name);
  }

  #arrange() {
    const replicas = [...this.#replicas.values()].sort((a, b) => a.name < b.name ? -1 : 1);
    this.#places = placeReplicas(replicas, this.#size);
    for (const replica of replicas) {
      const own = [...this.#viewers.values()].filter(viewer => viewer.replica === replica.name).sort((a, b) => a.id - b.id);
      replica.streams = own.filter(viewer => viewer.state === 'open').length;
      placeViewers(own, replica, this.#places.scale);
    }
  }

  #publish(number, now) {
    this.#newest = Math.max(this.#newest, number);
    if (!this.#still.matches)
      this.#pulses.push({ from: this.#places.publisher, to: this.#places.redis, at: now, colour: colourOf(number), radius: 6 });
  }

  #deliver(number, viewer, now, told) {
    if (!viewer)
      return;
    const replica = this.#replicas.get(viewer.replica);
    const isNew = number > this.#newest - STALE;
    viewer.colour = colourOf(number);
    if (this.#still.matches || !replica) {
      viewer.flash = now;
      return;
    }
    const leaves = isNew ? now + 2 * WAY : now;
    const key = `${number} ${replica.name}`;
    if (isNew && !told.has(key) && replica.told !== number) {
      told.add(key);
      replica.told = number;
      this.#pulses.push({ from: this.#places.redis, to: replica, at: now + WAY, colour: colourOf(number), radius: 5 });
    }
    this.#pulses.push({ from: replica, to: viewer, at: leaves, colour: colourOf(number), radius: 3 });
    viewer.flash = leaves + WAY;
  }

  #wake() {
    if (!this.#frame)
      this.#frame = requestAnimationFrame(at => this.#tick(at));
  }

  #tick(at) {
    const began = performance.now();
    const passed = this.#last === null ? 16 : at - this.#last;
    if (this.#last !== null && passed > 25)
      this.stats.dropped += Math.round(passed / (1000 / 60)) - 1;
    this.stats.frames++;
    const moves = this.#move(passed);
    this.#pulses = this.#pulses.filter(pulse => began < pulse.at + WAY);
    this.#draw(began);
    const isBusy = moves || this.#pulses.length > 0 || [...this.#viewers.values()].some(viewer => began < viewer.flash + FLASH);
    this.#last = isBusy ? at : null;
    this.#frame = isBusy ? requestAnimationFrame(next => this.#tick(next)) : 0;
    this.stats.worst = Math.max(this.stats.worst, performance.now() - began);
  }

  /** Takes everything a step nearer to its place; false when all is there. */
  #move(passed) {
    const part = this.#still.matches ? 1 : 1 - Math.exp(-passed / 140);
    let moves = false;
    for (const thing of [...this.#replicas.values(), ...this.#viewers.values()]) {
      const [dx, dy] = [thing.tx - thing.x, thing.ty - thing.y];
      if (Math.abs(dx) + Math.abs(dy) < .5) {
        [thing.x, thing.y] = [thing.tx, thing.ty];
        continue;
      }
      thing.x += dx * part;
      thing.y += dy * part;
      moves = true;
    }
    return moves;
  }

  #draw(now) {
    const { width, height } = this.#size;
    const g = this.#context;
    g.clearRect(0, 0, width, height);
    const { publisher, redis, scale } = this.#places;
    g.lineWidth = 2;
    g.strokeStyle = this.#colours.edge;
    this.#line(publisher, redis);
    for (const replica of this.#replicas.values())
      this.#line(redis, replica);
    this.#drawPulses(now);
    for (const viewer of this.#viewers.values())
      this.#drawViewer(viewer, now, scale);
    this.#drawBox(publisher, 'Publisher', 'this page', 'violet', scale);
    this.#drawBox(redis, 'Redis', this.#isRedisUp ? 'log + bell' : 'restarts', this.#isRedisUp ? 'red' : 'dim', scale);
    for (const replica of this.#replicas.values())
      this.#drawReplica(replica, scale);
  }

  #line(from, to) {
    this.#context.beginPath();
    this.#context.moveTo(from.x, from.y);
    this.#context.lineTo(to.x, to.y);
    this.#context.stroke();
  }

  /** One path a colour: with hundreds of dots under way that is what keeps the frames in time. */
  #drawPulses(now) {
    const g = this.#context;
    for (const colour of EVENT_COLOURS) {
      g.beginPath();
      for (const pulse of this.#pulses) {
        const way = (now - pulse.at) / WAY;
        if (pulse.colour !== colour || way < 0)
          continue;
        const x = pulse.from.x + (pulse.to.x - pulse.from.x) * way;
        const y = pulse.from.y + (pulse.to.y - pulse.from.y) * way;
        g.moveTo(x + pulse.radius, y);
        g.arc(x, y, pulse.radius, 0, 7);
      }
      g.fillStyle = this.#colours[colour];
      g.fill();
    }
  }

  #drawViewer(viewer, now, scale) {
    const g = this.#context;
    const since = now - viewer.flash;
    const glow = since >= 0 && since < FLASH ? 1 - since / FLASH : 0;
    const radius = (viewer.id === 0 ? 7 : 5.2) * scale + 2 * glow;
    g.beginPath();
    g.arc(viewer.x, viewer.y, radius, 0, 7);
    if (viewer.state === 'open') {
      g.fillStyle = this.#colours[glow > 0 ? viewer.colour : 'teal'];
      g.fill();
    } else {
      g.fillStyle = this.#colours.card;
      g.fill();
      g.lineWidth = 2;
      g.strokeStyle = this.#colours.amber;
      g.stroke();
    }
    if (viewer.id === 0) {
      g.beginPath();
      g.arc(viewer.x, viewer.y, radius + 3, 0, 7);
      g.lineWidth = 1.5;
      g.strokeStyle = this.#colours.text;
      g.stroke();
    }
  }

  #drawBox({ x, y }, name, note, colour, scale) {
    const g = this.#context;
    const [w, h] = [104 * Math.max(scale, .9), 50];
    g.beginPath();
    g.roundRect(x - w / 2, y - h / 2, w, h, 11);
    this.#fillNode(colour);
    this.#label(name, x, y - 3, '600 14px');
    this.#label(note, x, y + 14, '400 11.5px', 'dim');
  }

  #drawReplica(replica, scale) {
    const g = this.#context;
    const isUp = replica.state === 'running';
    g.beginPath();
    g.arc(replica.x, replica.y, 38 * scale, 0, 7);
    this.#fillNode(isUp ? 'teal' : 'dim');
    this.#label(replica.name, replica.x, replica.y - 1, scale < 1 ? '600 9.5px' : '600 11.5px', isUp ? 'text' : 'dim', true);
    this.#label(isUp ? streams(replica.streams) : replica.state, replica.x, replica.y + 14 * scale, scale < 1 ? '400 9.5px' : '400 11.5px', 'dim');
  }

  #fillNode(colour) {
    const g = this.#context;
    g.fillStyle = this.#colours.card;
    g.fill();
    g.lineWidth = 2;
    g.strokeStyle = this.#colours[colour];
    g.stroke();
  }

  #label(text, x, y, font, colour = 'text', isMono = false) {
    const g = this.#context;
    g.font = `${font} ${isMono ? this.#colours.mono : this.#colours.sans}`;
    g.textAlign = 'center';
    g.fillStyle = this.#colours[colour];
    g.fillText(text, x, y);
  }

  #at({ offsetX, offsetY }) {
    let [best, least] = [null, 14];
    for (const viewer of this.#viewers.values()) {
      const distance = Math.hypot(viewer.x - offsetX, viewer.y - offsetY);
      if (distance < least)
        [best, least] = [viewer, distance];
    }
    return best;
  }

  #pick(event) {
    const viewer = this.#at(event);
    if (viewer)
      this.#onPick(viewer.id);
  }

  #measure() {
    const { clientWidth: width, clientHeight: height } = this.#canvas;
    const ratio = Math.min(devicePixelRatio, 2);
    this.#size = { width, height };
    this.#canvas.width = Math.round(width * ratio);
    this.#canvas.height = Math.round(height * ratio);
    this.#context.setTransform(ratio, 0, 0, ratio, 0, 0);
    this.#arrange();
    this.#wake();
  }

  /** A canvas knows no variables, and their values are not colours but functions of the scheme: an element has to be asked what they come to. */
  #readColours() {
    const probe = document.createElement('span');
    probe.hidden = true;
    this.#canvas.after(probe);
    for (const name of COLOURS) {
      probe.style.color = `var(--${name})`;
      this.#colours[name] = getComputedStyle(probe).color;
    }
    // The tones for shapes; those for text are darker.
    probe.style.color = 'var(--tone)';
    for (const name of TONES) {
      probe.className = name;
      this.#colours[name] = getComputedStyle(probe).color;
    }
    const root = getComputedStyle(document.documentElement);
    this.#colours.sans = root.getPropertyValue('--sans');
    this.#colours.mono = root.getPropertyValue('--mono');
    probe.remove();
  }
}

function colourOf(number) {
  return EVENT_COLOURS[number % EVENT_COLOURS.length];
}

function streams(count) {
  return count === 1 ? '1 stream' : `${count} streams`;
}
