/** The fan-out page: draws what the server tells of its viewers, and follows the topic from this window as well. */
import { EventStream } from './event-stream.js';
import { Picture } from './fanout-picture.js';

/** This window's number in the picture; the server's viewers count from 1. */
const OWN = 0;
/** How long counts wait for more before the page is told, milliseconds. */
const REPORT_DELAY = 200;

/**
 * @param {HTMLCanvasElement} canvas
 * @param page  the component behind the page
 * @param {string} topic
 */
export function start(canvas, page, topic) {
  const picture = new Picture(canvas, id => {
    if (id !== OWN) page.invokeMethodAsync('Drop', id);
  });
  const row = document.getElementById('own');
  // The browser's own EventSource, as any page would use it.
  const stream = new EventStream(`/api/streams/${encodeURIComponent(topic)}?from=head`, { types: ['tick'] });
  const own = { id: OWN, state: 'connecting', replica: null };
  let reporting = null;

  /** Tells the page at once of a new state, and of counts after a moment in which more of them come. */
  function report(isNow) {
    if (!isNow) {
      reporting ??= setTimeout(tell, REPORT_DELAY);
      return;
    }
    clearTimeout(reporting);
    tell();
  }

  function tell() {
    reporting = null;
    const { received, missing, duplicated, outOfOrder } = stream.counters;
    page.invokeMethodAsync('Own', { ...own, received, missing, duplicated, outOfOrder });
  }

  stream.on('state', ({ name, replica }) => {
    own.state = name === 'open' ? 'open' : 'waiting';
    own.replica = replica ?? own.replica;
    row.dataset.state = own.state;
    row.querySelector('[data-of=replica]').textContent = name === 'open' ? own.replica : 'coming back';
    picture.show({ published: [], deliveries: [], viewers: [own] });
    report(true);
  });
  stream.on('tick', ({ data }) => {
    for (const name of ['received', 'missing', 'duplicated', 'outOfOrder'])
      row.querySelector(`[data-of=${name}]`).textContent = stream.counters[name];
    picture.show({ published: [], deliveries: [data.number, OWN], viewers: [] });
    report(false);
  });

  const stop = () => {
    clearTimeout(reporting);
    stream.close();
    picture.close();
  };
  // The component is gone without a word when its circuit is.
  const gone = new MutationObserver(() => {
    if (canvas.isConnected) return;
    gone.disconnect();
    stop();
  });
  gone.observe(document.body, { childList: true, subtree: true });
  return {
    show: batch => picture.show(batch),
    replicas: list => picture.setReplicas(list),
    redis: isUp => picture.setRedis(isUp),
  };
}
