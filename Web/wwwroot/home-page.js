/** The front page: submits a job from a sample, a file or an address, and goes to the job's own page. */
import { sentenceOf } from './event-stream.js';
import { keepMedia } from './local-media.js';
import { submitSpeech } from './speak.js';

const problem = document.getElementById('problem');

function show(sentence) {
  problem.textContent = sentence;
  problem.hidden = !sentence;
  if (sentence) problem.scrollIntoView({ block: 'nearest' });
}

/** Submits by address or sample name. A request that is repeated because its answer did not arrive gets the same job. */
async function submitSource(form, key) {
  const fields = new FormData(form);
  const answer = await fetch('/api/jobs', {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', 'Idempotency-Key': key },
    body: JSON.stringify({
      source: fields.get('source').trim(),
      language: fields.get('language') || undefined,
      pace: fields.get('pace') ?? 'fast',
    }),
  });
  if (!answer.ok) throw new Error(await sentenceOf(answer));
  return (await answer.json()).id;
}

/** `fetch` does not tell how far an upload is; XMLHttpRequest does. */
function submitFile(form, key) {
  const bar = form.querySelector('.upload-progress');
  const file = form.elements.media.files[0];
  const fields = new FormData();
  // The media goes last: the server reads the parts as they come.
  fields.append('language', form.elements.language.value);
  if (form.elements.subtitles.files[0]) fields.append('subtitles', form.elements.subtitles.files[0]);
  fields.append('media', file);
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open('POST', '/api/jobs');
    request.setRequestHeader('Idempotency-Key', key);
    request.upload.onprogress = event => {
      bar.hidden = false;
      if (event.lengthComputable) bar.value = Math.round((100 * event.loaded) / event.total);
    };
    request.onerror = () => reject(new Error('The upload broke off. Check the connection and try again.'));
    request.onload = async () => {
      const answer = new Response(request.responseText || null, { status: request.status, statusText: request.statusText });
      if (!answer.ok) {
        reject(new Error(await sentenceOf(answer)));
        return;
      }
      const { id } = await answer.json();
      await keepMedia(id, file);
      resolve(id);
    };
    request.send(fields);
  }).finally(() => {
    bar.hidden = true;
  });
}

function submit(form, key) {
  switch (form.dataset.submit) {
    case 'upload':
      return submitFile(form, key);
    case 'speech':
      return submitSpeech({ title: form.elements.title.value.trim() || undefined, language: form.elements.language.value || undefined });
    default:
      return submitSource(form, key);
  }
}

for (const form of document.querySelectorAll('form[data-submit]')) {
  let key = crypto.randomUUID();
  form.querySelector('[type=submit]').disabled = false;
  form.addEventListener('input', () => {
    key = crypto.randomUUID();
  });
  form.addEventListener('submit', async event => {
    event.preventDefault();
    const button = form.querySelector('[type=submit]');
    button.disabled = true;
    show('');
    try {
      const id = await submit(form, key);
      key = crypto.randomUUID(); // who comes back here and starts again wants another job
      location.assign(`/jobs/${encodeURIComponent(id)}`);
    } catch (error) {
      show(error instanceof TypeError ? 'The service cannot be reached. Check the connection and try again.' : error.message);
    } finally {
      button.disabled = false;
    }
  });
}

const drop = document.querySelector('.drop');
const chooser = drop.elements.media;
const nameOf = drop.querySelector('.file-name');
const hint = nameOf.textContent;
chooser.addEventListener('change', () => {
  nameOf.textContent = chooser.files[0]?.name ?? hint;
});
for (const type of ['dragenter', 'dragover'])
  drop.addEventListener(type, event => {
    event.preventDefault();
    drop.classList.add('over');
  });
for (const type of ['dragleave', 'drop']) drop.addEventListener(type, () => drop.classList.remove('over'));
drop.addEventListener('drop', event => {
  event.preventDefault();
  // A side file may come along with its video.
  for (const file of event.dataTransfer.files) {
    const one = new DataTransfer();
    one.items.add(file);
    const field = /\.(vtt|srt)$/i.test(file.name) ? drop.elements.subtitles : chooser;
    field.files = one.files;
    field.dispatchEvent(new Event('change'));
  }
  drop.dispatchEvent(new Event('input'));
});
