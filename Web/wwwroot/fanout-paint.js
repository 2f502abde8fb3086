/** How the picture of the system is painted: what each thing looks like, and nothing of what happens. */
import { RADIUS } from './fanout-layout.js';

/** How long an event is shown on each of its ways, milliseconds. The true times are a few milliseconds altogether. */
export const WAY = 300;
/** How long a viewer shows that it got an event, milliseconds. */
export const FLASH = 350;
/** How long it stands beside a viewer how many events it caught up with, milliseconds. */
export const LABEL = 2000;

const EVENT_COLOURS = ['violet', 'amber', 'red', 'brand'];
const COLOURS = ['card', 'edge', 'text', 'dim', 'brand'];
const TONES = ['teal', 'violet', 'amber', 'red'];

/** An event's colour, by its number, so that one can be told from the next. */
export function colourOf(number) {
  return EVENT_COLOURS[number % EVENT_COLOURS.length];
}

export class Paint {
  #canvas;
  #context;
  #colours = {};

  /** @param {HTMLCanvasElement} canvas */
  constructor(canvas) {
    this.#canvas = canvas;
    this.#context = canvas.getContext('2d');
    this.readColours();
  }

  /** Takes the size that the canvas has on the page, and gives it. */
  fit() {
    const { clientWidth: width, clientHeight: height } = this.#canvas;
    const ratio = Math.min(devicePixelRatio, 2);
    this.#canvas.width = Math.round(width * ratio);
    this.#canvas.height = Math.round(height * ratio);
    this.#context.setTransform(ratio, 0, 0, ratio, 0, 0);
    return { width, height };
  }

  /** Begins a new frame. */
  clear({ width, height }) {
    this.#context.clearRect(0, 0, width, height);
  }

  line(from, to) {
    this.#context.lineWidth = 2;
    this.#context.strokeStyle = this.#colours.edge;
    this.#context.beginPath();
    this.#context.moveTo(from.x, from.y);
    this.#context.lineTo(to.x, to.y);
    this.#context.stroke();
  }

  /** One path a colour: with hundreds of dots under way that is what keeps the frames in time. */
  pulses(pulses, now) {
    const g = this.#context;
    for (const colour of EVENT_COLOURS) {
      g.beginPath();
      for (const pulse of pulses) {
        const way = (now - pulse.at) / WAY;
        if (pulse.colour !== colour || way < 0) continue;
        const x = pulse.from.x + (pulse.to.x - pulse.from.x) * way;
        const y = pulse.from.y + (pulse.to.y - pulse.from.y) * way;
        g.moveTo(x + pulse.radius, y);
        g.arc(x, y, pulse.radius, 0, 7);
      }
      g.fillStyle = this.#colours[colour];
      g.fill();
    }
  }

  viewer(viewer, now, scale) {
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

  /** How many events a viewer has caught up with, beside it. */
  caughtUp({ x, y, caughtUp }, scale) {
    const g = this.#context;
    const text = `+${caughtUp}`;
    g.font = `600 ${scale < 1 ? 10 : 12}px ${this.#colours.sans}`;
    const width = g.measureText(text).width + 6;
    g.fillStyle = this.#colours.card;
    g.fillRect(x - width / 2, y - 24, width, 15);
    this.#label(text, x, y - 12, `600 ${scale < 1 ? 10 : 12}px`);
  }

  box({ x, y }, name, note, colour, scale) {
    const g = this.#context;
    const [w, h] = [120 * Math.max(scale, 0.9), 50];
    g.beginPath();
    g.roundRect(x - w / 2, y - h / 2, w, h, 11);
    this.#fillNode(colour);
    this.#label(name, x, y - 3, '600 14px');
    this.#label(note, x, y + 14, '400 11.5px', 'dim');
  }

  replica(replica, scale) {
    const g = this.#context;
    const isUp = replica.state === 'running';
    g.beginPath();
    g.arc(replica.x, replica.y, RADIUS * scale, 0, 7);
    this.#fillNode(isUp ? 'teal' : 'dim');
    this.#label(replica.name, replica.x, replica.y - 1, scale < 1 ? '600 9px' : '600 11.5px', isUp ? 'text' : 'dim', true);
    this.#label(
      isUp ? streams(replica.streams) : replica.state,
      replica.x,
      replica.y + 14 * scale,
      scale < 1 ? '400 9px' : '400 11.5px',
      'dim',
    );
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

  /**
   * A canvas knows no variables, and their values are not colours but functions of the scheme: an element has to be asked what they come
   * to.
   */
  readColours() {
    const probe = document.createElement('span');
    probe.hidden = true;
    // Else forced colours give every colour of text the same value.
    probe.style.forcedColorAdjust = 'none';
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

function streams(count) {
  return count === 1 ? '1 stream' : `${count} streams`;
}
