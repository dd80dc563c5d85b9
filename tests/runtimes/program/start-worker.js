// For a page that runs the program in a web worker. Its own query says which: `?type=module&url=/worker.js`.
const { searchParams } = new URL(document.querySelector("script").src);

globalThis.run = (given) =>
  new Promise((resolve, reject) => {
    const worker = new Worker(searchParams.get("url"), { type: /** @type {any} */ (searchParams.get("type")) });
    worker.onmessage = ({ data }) => resolve(data);
    worker.onerror = ({ message }) => reject(new Error(message ?? "the worker cannot be loaded"));
    worker.postMessage(given);
  });
