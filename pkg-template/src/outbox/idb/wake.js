// Drains an outbox whenever there may be something to send: in a page, in a browser extension and in a service worker.

/** The shortest time after which a browser wakes an extension by an alarm. A drain that failed is repeated after the same time. */
const SOON_MS = 30_000;
/** No timer is set for longer: one of more than 24 days would end at once. */
const LONGEST_MS = 86_400_000;

/** For what a browser may lack or forbid. There are other occasions to send. */
const ignore = () => {};

/** @type {typeof import("../../../outbox-idb.js").wake} */
export function wake(outbox, store) {
  const { chrome, document, navigator, registration } = /** @type {any} */ (globalThis);
  const { name } = store;
  const alarms = chrome?.alarms;
  const otherTabs = new BroadcastChannel(name);
  let worker = registration;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;

  /** @param {number} at */
  const plan = (at) => {
    const ms = at - Date.now();
    clearTimeout(timer);
    timer = setTimeout(run, Math.min(ms, LONGEST_MS));
    alarms?.create(name, { when: Date.now() + Math.max(ms, SOON_MS) });
  };

  /** Sends what is due, and plans the next time. Resolves to whether nothing is left. */
  async function run() {
    // The browser may end this worker amid the drain. Then the alarm starts it again.
    plan(Date.now() + SOON_MS);
    const next = await outbox.drain().catch(() => Date.now() + SOON_MS);
    if (next !== undefined) {
      plan(next);
      return false;
    }
    clearTimeout(timer);
    alarms?.clear(name);
    return true;
  }

  async function findWorker() {
    worker ??= await navigator.serviceWorker?.ready;
  }

  store.onPut = (stored) => {
    // The browser may end this worker as soon as the entry is stored, before anything else happens here.
    plan(Date.now() + SOON_MS);
    stored.then(() => {
      // The browser then starts a service worker of this origin, even if this page is closed at once. So nothing is awaited before.
      worker?.sync?.register(name).catch(ignore);
      run();
      otherTabs.postMessage(0);
    }, ignore);
  };
  findWorker().catch(ignore);
  otherTabs.onmessage = run;
  addEventListener("online", run);
  addEventListener("sync", (/** @type {any} */ event) => {
    // A rejection lets the browser try again later.
    if (event.tag === name) event.waitUntil(run().then((isDone) => isDone || Promise.reject()));
  });
  document?.addEventListener("visibilitychange", run);
  // A browser may forget alarms when it ends.
  chrome?.runtime?.onStartup?.addListener(run);
  alarms?.onAlarm.addListener((/** @type {{ name: string }} */ alarm) => alarm.name === name && run());
  run();
}
