/**
 * Speaking to a live job: the front page asks for the microphone and submits the job, and the job's own page records, for the one who
 * submitted it.
 */
import { sentenceOf } from './event-stream.js';
import { SpeechSender, endMedia } from './speech-sender.js';

const SOUND = { audio: { channelCount: 1, echoCancellation: true, noiseSuppression: true, autoGainControl: true } };
const REFUSED = 'The browser gives no microphone to this page. Allow it in the address bar, see that one is connected, and try again.';
const WORDS = {
  recording: 'You are live. What you say appears below, for everybody who has the link.',
  waiting: 'The connection is lost. What you say is kept, and sent as soon as it is back.',
  ended: 'The recording has ended. The last lines follow.',
};

const keyOf = job => `ingest of ${job}`;

/** Submits a live job and returns its id; its page goes on. @param {{ title?: string, language?: string }} fields */
export async function submitSpeech(fields) {
  // First what most often fails; the job's page asks again, which the browser answers by itself.
  (await microphone()).getTracks().forEach(track => track.stop());
  const answer = await fetch('/api/jobs', {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ source: 'live', ...fields }),
  });
  if (!answer.ok) throw new Error(await sentenceOf(answer));
  const { id, ingest } = await answer.json();
  sessionStorage.setItem(keyOf(id), JSON.stringify({ ...ingest, isNew: true }));
  return id;
}

/** Records on a job's page, where this tab has submitted it. @param {string} job  @param {HTMLElement} bar */
export async function recordSpeech(job, bar) {
  const kept = JSON.parse(sessionStorage.getItem(keyOf(job)) ?? 'null');
  if (!kept) return;
  const media = `/api${kept.media}`;
  if (!kept.isNew) {
    // A recording that begins anew is another file, which cannot go on in the middle of the first.
    sessionStorage.removeItem(keyOf(job));
    await endMedia(media, kept.token).catch(() => {
      /* It ends by its silence. */
    });
    return;
  }
  sessionStorage.setItem(keyOf(job), JSON.stringify({ ...kept, isNew: false }));
  const [text, button] = [bar.querySelector('[role=status]'), bar.querySelector('button')];
  const show = (state, sentence) => {
    bar.dataset.state = state;
    text.textContent = sentence ?? WORDS[state];
    button.hidden = !['recording', 'waiting'].includes(state);
  };
  bar.hidden = false;
  try {
    const sender = new SpeechSender({ media, token: kept.token, sound: await microphone() });
    sender.onState = show;
    button.addEventListener('click', () => {
      button.hidden = true;
      sender.stop();
    });
    // Else the last words would be lost in silence.
    const warn = event => event.preventDefault();
    addEventListener('beforeunload', warn);
    await sender.run();
    removeEventListener('beforeunload', warn);
    sessionStorage.removeItem(keyOf(job));
  } catch (error) {
    show('failed', error.message);
  }
}

async function microphone() {
  if (!navigator.mediaDevices || !globalThis.MediaRecorder)
    throw new Error('This browser records no sound here: it needs a secure address (https, or localhost).');
  try {
    return await navigator.mediaDevices.getUserMedia(SOUND);
  } catch {
    throw new Error(REFUSED);
  }
}
