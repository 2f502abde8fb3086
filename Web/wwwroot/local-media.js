/**
 * Keeps the files that this viewer uploaded in the browser, so that the job's page can play them, also after a reload. They never come back
 * from the server.
 */
const NAME = 'aspiresse-media';
const STORE = 'files';
/** Files kept; older ones make room. */
const KEEP = 3;

function open() {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(NAME, 1);
    request.onupgradeneeded = () => request.result.createObjectStore(STORE, { keyPath: 'jobId' });
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

function done(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

/** Keeps a file for a job. False when the browser has no room or no store: the page then shows the transcript alone. */
export async function keepMedia(jobId, file) {
  try {
    const database = await open();
    const files = () => database.transaction(STORE, 'readwrite').objectStore(STORE);
    await done(files().put({ jobId, file, at: Date.now() }));
    const all = await done(files().getAll());
    for (const old of all.sort((a, b) => b.at - a.at).slice(KEEP)) await done(files().delete(old.jobId));
    return true;
  } catch {
    return false;
  }
}

/** The file of a job, or null. */
export async function mediaOf(jobId) {
  try {
    const database = await open();
    return (await done(database.transaction(STORE).objectStore(STORE).get(jobId)))?.file ?? null;
  } catch {
    return null;
  }
}
