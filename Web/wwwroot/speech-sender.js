/**
 * Sends what a microphone hears to a live job, in numbered chunks and in their order. A chunk whose answer did not arrive is sent again as
 * it was, which is harmless; what is said meanwhile waits.
 */
import { sentenceOf } from './event-stream.js';

/** How much is recorded before it is sent, milliseconds. */
const CHUNK = 250;
/** The server tells the format by so many of the first bytes. */
const LEAST_FIRST = 512;
const MOST_BYTES = 512 * 1024;
const LONGEST_WAIT = 5000;
/** In the order of preference; Safari knows the second alone. */
const TYPES = ['audio/webm;codecs=opus', 'audio/mp4'];
const HEADER = 'X-Ingest-Token';

export class SpeechSender {
  /** Told `recording`, `waiting` (what is said is kept until the connection is back), `ended`, or `failed` with a sentence. */
  onState = () => {};

  #media;
  #token;
  #recorder;
  #pending = [];
  #isOver = false;
  #number = 0;
  #wake = () => {};

  /** @param {{ media: string, token: string, sound: MediaStream }} options  `media`: the job's path for chunks */
  constructor({ media, token, sound }) {
    this.#media = media;
    this.#token = token;
    const type = TYPES.find(candidate => MediaRecorder.isTypeSupported(candidate));
    this.#recorder = new MediaRecorder(sound, { mimeType: type, audioBitsPerSecond: 48_000 });
    this.#recorder.addEventListener('dataavailable', ({ data }) => {
      if (data.size) this.#pending.push(data);
      this.#wake();
    });
    this.#recorder.addEventListener('stop', () => {
      sound.getTracks().forEach(track => track.stop());
      this.#isOver = true;
      this.#wake();
    });
    // Unplugged, or taken away in the browser's settings.
    sound.getTracks()[0].addEventListener('ended', () => this.stop());
  }

  /** Records and sends until `stop`, and then until all is sent. */
  async run() {
    this.#recorder.start(CHUNK);
    this.onState('recording');
    try {
      for (let isLast = false; !isLast; this.#number++) {
        await this.#isReady();
        const chunk = this.#take();
        isLast = this.#isOver && !this.#pending.length;
        await this.#send(chunk, isLast);
      }
      this.onState('ended');
    } catch (error) {
      this.stop();
      this.onState('failed', error.message);
    }
  }

  stop() {
    if (this.#recorder.state !== 'inactive') this.#recorder.stop();
  }

  async #isReady() {
    const least = this.#number === 0 ? LEAST_FIRST : 1;
    while (!this.#isOver && this.#pending.reduce((sum, data) => sum + data.size, 0) < least)
      await new Promise(done => {
        this.#wake = done;
      });
  }

  /** What is waiting, as far as one chunk may hold it. */
  #take() {
    const parts = this.#pending.splice(0, 1);
    let size = parts[0]?.size ?? 0;
    while (this.#pending.length && size + this.#pending[0].size <= MOST_BYTES) {
      size += this.#pending[0].size;
      parts.push(this.#pending.shift());
    }
    return new Blob(parts);
  }

  async #send(chunk, isLast) {
    for (let attempt = 0; ; attempt++) {
      const answer = await fetch(`${this.#media}/${this.#number}${isLast ? '?last=true' : ''}`, {
        method: 'PUT',
        headers: { [HEADER]: this.#token },
        body: chunk,
      }).catch(error => {
        if (error instanceof TypeError) return null;
        throw error;
      });
      if (answer?.ok) {
        if (attempt) this.onState('recording');
        return;
      }
      if (answer && answer.status < 500 && answer.status !== 408 && answer.status !== 429) throw new Error(await sentenceOf(answer));
      this.onState('waiting');
      await new Promise(done => setTimeout(done, Math.min(LONGEST_WAIT, 250 * 2 ** attempt) * (0.5 + Math.random() / 2)));
    }
  }
}

/** Ends the media of a job whose recording did not come to its own end: the page was loaded again. */
export async function endMedia(media, token) {
  const headers = { [HEADER]: token };
  const answer = await fetch(media, { headers });
  if (!answer.ok) return;
  const { next, ended } = await answer.json();
  if (!ended && next > 0) await fetch(`${media}/${next}?last=true`, { method: 'PUT', headers });
}
