/**
 * The system as a picture: Redis in the middle, the replicas around it, and each replica's viewers as dots around that. An event is a dot
 * that travels; everything that moves stands for something that happened.
 */
import { placeReplicas, placeViewers } from './fanout-layout.js';
import { colourOf, FLASH, LABEL, Paint, WAY } from './fanout-paint.js';

/** Events that a viewer catches up with are shown one behind the other, so many milliseconds apart, and so many at most. */
const [APART, MOST] = [45, 20];
/** The time that a frame has, milliseconds. */
const FRAME = 1000 / 60;

export class Picture {
  /**
   * Frames drawn, frames that the browser left out, frames whose drawing took more than half of the time that a frame has, the longest such
   * time in milliseconds, and events that viewers caught up with.
   */
  stats = { frames: 0, dropped: 0, slow: 0, worst: 0, caughtUp: 0 };

  #canvas;
  #paint;
  #onPick;
  #size = { width: 0, height: 0 };
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
    this.#paint = new Paint(canvas);
    this.#onPick = onPick;
    canvas.picture = this; // for those who measure
    const options = { signal: this.#watch.signal };
    for (const query of ['(prefers-color-scheme: dark)', '(forced-colors: active)'])
      matchMedia(query).addEventListener(
        'change',
        () => {
          this.#paint.readColours();
          this.#wake();
        },
        options,
      );
    canvas.addEventListener('click', event => this.#pick(event), options);
    canvas.addEventListener(
      'pointermove',
      event => {
        canvas.style.cursor = this.#at(event) ? 'pointer' : '';
      },
      options,
    );
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
    for (const viewer of viewers) this.#put(viewer);
    if (count !== undefined) {
      for (const id of this.#viewers.keys()) {
        if (id > count) this.#viewers.delete(id);
      }
    }
    if (viewers.length || count !== undefined) this.#arrange();
    for (const number of published) this.#publish(number, now);
    const told = new Set();
    for (let i = 0; i < deliveries.length; i += 2) this.#deliver(deliveries[i], this.#viewers.get(deliveries[i + 1]), now, told);
    this.#wake();
  }

  /** @param {{ name: string, state: string }[]} list  those that are known; one that is not among them any more serves nobody */
  setReplicas(list) {
    for (const replica of this.#replicas.values()) replica.state = 'no streams';
    for (const { name, state } of list) this.#replica(name).state = state;
    this.#arrange();
    this.#wake();
  }

  setRedis(isUp) {
    this.#isRedisUp = isUp;
    this.#wake();
  }

  #put({ id, state, replica }) {
    const viewer = this.#viewers.get(id);
    if (viewer) {
      // What was published until now and comes later is caught up with.
      if (state === 'open' && viewer.state !== 'open') Object.assign(viewer, { level: this.#newest, caughtUp: 0 });
      Object.assign(viewer, { state, replica });
    } else {
      // It comes from the edge, as from somewhere else.
      this.#viewers.set(id, {
        id,
        state,
        replica,
        x: this.#size.width / 2,
        y: this.#size.height + 20,
        tx: 0,
        ty: 0,
        flash: 0,
        colour: 'teal',
        level: this.#newest,
        caughtUp: 0,
        labelled: 0,
      });
    }
    if (replica) this.#replica(replica).state = state === 'open' ? 'running' : this.#replica(replica).state;
  }

  #replica(name) {
    if (!this.#replicas.has(name))
      this.#replicas.set(name, { name, state: 'running', x: this.#places.redis.x, y: this.#places.redis.y, tx: 0, ty: 0, streams: 0 });
    return this.#replicas.get(name);
  }

  #arrange() {
    const replicas = [...this.#replicas.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
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
    if (!viewer) return;
    const replica = this.#replicas.get(viewer.replica);
    const isNew = number > viewer.level;
    if (!isNew) {
      viewer.caughtUp++;
      this.stats.caughtUp++;
      viewer.labelled = now + LABEL;
    }
    viewer.colour = colourOf(number);
    if (this.#still.matches || !replica) {
      viewer.flash = now;
      return;
    }
    // What is new comes from Redis and its replica; what is caught up with comes out of the log, as a row.
    const leaves = isNew ? now + 2 * WAY : now + WAY + Math.min(viewer.caughtUp, MOST) * APART;
    if (viewer.caughtUp === 1 && !isNew)
      this.#pulses.push({ from: this.#places.redis, to: replica, at: now, colour: colourOf(number), radius: 5 });
    if (!isNew && viewer.caughtUp > MOST) return;
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
    if (!this.#frame) this.#frame = requestAnimationFrame(at => this.#tick(at));
  }

  #tick(at) {
    const began = performance.now();
    const passed = this.#last === null ? 16 : at - this.#last;
    if (this.#last !== null && passed > 25) this.stats.dropped += Math.round(passed / FRAME) - 1;
    this.stats.frames++;
    const moves = this.#move(passed);
    this.#pulses = this.#pulses.filter(pulse => began < pulse.at + WAY);
    this.#draw(began);
    const isBusy =
      moves ||
      this.#pulses.length > 0 ||
      [...this.#viewers.values()].some(viewer => began < Math.max(viewer.flash + FLASH, viewer.labelled));
    this.#last = isBusy ? at : null;
    this.#frame = isBusy ? requestAnimationFrame(next => this.#tick(next)) : 0;
    const took = performance.now() - began;
    this.stats.worst = Math.max(this.stats.worst, took);
    if (took > FRAME / 2) this.stats.slow++;
  }

  /** Takes everything a step nearer to its place; false when all is there. */
  #move(passed) {
    const part = this.#still.matches ? 1 : 1 - Math.exp(-passed / 140);
    let moves = false;
    for (const thing of [...this.#replicas.values(), ...this.#viewers.values()]) {
      const [dx, dy] = [thing.tx - thing.x, thing.ty - thing.y];
      if (Math.abs(dx) + Math.abs(dy) < 0.5) {
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
    const paint = this.#paint;
    const { publisher, redis, scale } = this.#places;
    paint.clear(this.#size);
    paint.line(publisher, redis);
    for (const replica of this.#replicas.values()) paint.line(redis, replica);
    paint.pulses(this.#pulses, now);
    for (const viewer of this.#viewers.values()) paint.viewer(viewer, now, scale);
    for (const viewer of this.#viewers.values()) {
      if (now < viewer.labelled) paint.caughtUp(viewer, scale);
    }
    paint.box(publisher, 'Publisher', 'this page', 'violet', scale);
    paint.box(redis, 'Redis', this.#isRedisUp ? 'log and Pub/Sub' : 'does not answer', this.#isRedisUp ? 'red' : 'dim', scale);
    for (const replica of this.#replicas.values()) paint.replica(replica, scale);
  }

  #at({ offsetX, offsetY }) {
    let [best, least] = [null, 14];
    for (const viewer of this.#viewers.values()) {
      const distance = Math.hypot(viewer.x - offsetX, viewer.y - offsetY);
      if (distance < least) [best, least] = [viewer, distance];
    }
    return best;
  }

  #pick(event) {
    const viewer = this.#at(event);
    if (viewer) this.#onPick(viewer.id);
  }

  #measure() {
    this.#size = this.#paint.fit();
    this.#arrange();
    this.#wake();
  }
}
