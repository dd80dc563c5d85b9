// The process that memory.test.js starts. It prints, as JSON, the memory before and after one kind of work. It needs the flag --expose-gc.

export {};

/** @type {any} */
const { Instance } = WebAssembly;
let memory;
let instances = 0;
/** If it is set, the next `validate` of the module throws as a stack overflow does. */
let overflows = false;
/** @type {any} Replaces the class WebAssembly.Instance, so it is called with `new`. */
// biome-ignore lint/complexity/useArrowFunction: an arrow cannot be called with `new`
const instantiate = function (...given) {
  instances += 1;
  const { exports } = new Instance(...given);
  ({ memory } = exports);
  const validate = (...given) => {
    if (!overflows) return exports.validate(...given);
    overflows = false;
    throw new RangeError("Maximum call stack size exceeded");
  };
  return { exports: { ...exports, validate } };
};
WebAssembly.Instance = instantiate;
const flowdock = await import("flowdock-integration");
const { read } = await import("./cases.js");

const typical = read("guide/flux-capacitor.json");
const rejected = {
  ...typical,
  title: "<b>x</b>",
  author: { name: 7, avatar: "/relative", email: "nobody" },
  thread: { ...typical.thread, status: { value: "open", color: "gray" } },
};
const plain = { event: "message", content: "Great Scott!", external_thread_id: "1" };
/** Nine messages without an error, and then one with errors, so that every tenth validation finds errors. */
const mixed = [
  typical,
  { ...typical, title: "päivitti tiketin 日本語 😀", body: "<p>é</p>".repeat(8) },
  plain,
  { ...plain, extra: [1.5, -0, null, { "é😀": [true, "\u2028"] }] },
  { ...typical, tags: ["a", "@b"], attachments: [{ id: "file1", of: { any: "kind" } }] },
  {
    ...plain,
    extra: new Map([[1, 2]]),
    get uuid() {
      return "u";
    },
  },
  { ...plain, tags: "a,b" },
  { ...plain, content: "日".repeat(100) },
  typical,
  rejected,
];

function others() {
  flowdock.encode(typical);
  const thread = { title: "é", fields: { a: 1 }, status: "open" };
  flowdock.activity({ author: "Marty", title: "x", external_thread_id: "1", thread });
  flowdock.chatMessage({ content: "x", external_thread_id: "1", tags: "#a,b" });
  flowdock.thread({ title: "x" });
  flowdock.sanitizeBody("<p onclick=steal()>é<script>x</script><table><td>y");
  flowdock.sanitizeTitle("<b>x</b>");
  flowdock.checkTitle("<a href='https://e.e'>é</a><b>");
  flowdock.escapeHtml("<&>");
  for (const wrong of [
    () => flowdock.encode(rejected),
    () => flowdock.encode(plain, { thred: 1 }),
    () => flowdock.checkBody(7),
  ]) {
    try {
      wrong();
    } catch (error) {
      if (!(error instanceof flowdock.FlowdockError)) throw error;
      continue;
    }
    throw new Error("it did not throw");
  }
}

function validate(times) {
  for (let index = 0; index < times; index += 1) {
    const at = index % mixed.length;
    const { valid } = flowdock.validate(mixed[at]);
    if (valid !== at < mixed.length - 1) throw new Error(`message ${at} is judged otherwise`);
    if (index % 250 === 0) others();
  }
}

function measure() {
  globalThis.gc();
  globalThis.gc();
  const { external, heapUsed } = process.memoryUsage();
  return { wasm: memory.buffer.byteLength, external, heapUsed };
}

/** Makes a message of eight million characters. */
function large(filling) {
  return { ...plain, extra: Array.from({ length: 1_000 }, () => filling.repeat(8_000)) };
}

const work = {
  validations() {
    validate(20_000);
    const before = measure();
    validate(1_000_000);
    return { before, after: measure() };
  },
  large() {
    const run = (message) => {
      flowdock.encode(message);
      flowdock.validate({ ...message, content: 1 });
      validate(1_000);
    };
    validate(1_000);
    const first = measure();
    run(large("x"));
    const before = measure();
    for (let times = 0; times < 5; times += 1) run(large("x"));
    return { first, before, after: measure() };
  },
  /** Checks fragments of a megabyte that contain nothing but faults. */
  faults() {
    validate(1_000);
    const before = measure();
    for (const piece of ["<x>", "<b>", "</b>", "<P><x></P>", "<b><p></b></p>", "\0", "<li>"]) {
      const html = piece.repeat(2 ** 20 / piece.length);
      for (const check of [flowdock.checkBody, flowdock.checkTitle]) {
        const { length } = check(html);
        if (length < 999 || length > 1001) throw new Error(`${length} violations in ${piece}`);
      }
      flowdock.validate({ ...typical, body: html });
    }
    return { before, after: measure() };
  },
  /** Overflows the stack twenty times, wherever that happens, and goes on. */
  async stack() {
    const deep = { ...plain, extra: JSON.parse("[".repeat(100) + "]".repeat(100)) };
    let calls = 0;
    const further = () => {
      try {
        further();
      } catch {
        // After the overflow, each of the last frames calls `validate`, with more and more free stack.
      }
      calls += 1;
      if (calls > 100) return;
      try {
        flowdock.validate(deep);
      } catch (error) {
        if (!(error instanceof RangeError)) throw error;
      }
    };
    validate(1_000);
    const before = measure();
    for (let times = 0; times < 20; times += 1) {
      calls = 0;
      further();
      // Nobody can know where the real overflow happened. This one happens inside the module.
      overflows = true;
      try {
        flowdock.validate(plain);
        throw new Error("the stack did not overflow");
      } catch (error) {
        if (!(error instanceof RangeError)) throw error;
      }
      validate(1_000);
      globalThis.gc();
      await new Promise(setImmediate);
    }
    return { before, after: measure(), instances };
  },
};

console.log(JSON.stringify(await work[process.argv[2]]()));
