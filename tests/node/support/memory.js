// A process of its own for memory.test.js: prints, as JSON, what memory is taken before and after each kind of work.
// Run with --expose-gc.

export {};

/** @type {any} */
const { Instance } = WebAssembly;
let memory;
let instances = 0;
/** Set, the next `validate` ends as where the stack does. */
let ends = false;
/** @type {any} In place of the class: it is called with `new`. */
// biome-ignore lint/complexity/useArrowFunction: an arrow cannot be called with `new`
const instantiate = function (...given) {
  instances += 1;
  const { exports } = new Instance(...given);
  ({ memory } = exports);
  const validate = (...given) => {
    if (!ends) return exports.validate(...given);
    ends = false;
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
/** All that have nothing wrong with them, then the one that is every tenth. */
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

/** Eight million characters. */
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
  /** Fragments of a megabyte with nothing but faults in them. */
  faults() {
    validate(1_000);
    const before = measure();
    for (const piece of ["<x>", "<b>", "</b>", "<P><x></P>", "<b><p></b></p>", "\0", "<li>"]) {
      const html = piece.repeat(2 ** 20 / piece.length);
      for (const check of [flowdock.checkBody, flowdock.checkTitle]) {
        const { length } = check(html);
        if (length < 999 || length > 1001) throw new Error(`${length} findings in ${piece}`);
      }
      flowdock.validate({ ...typical, body: html });
    }
    return { before, after: measure() };
  },
  /** Runs into the end of the stack twenty times, at whatever place that is, and goes on. */
  async stack() {
    const deep = { ...plain, extra: JSON.parse("[".repeat(100) + "]".repeat(100)) };
    let calls = 0;
    const further = () => {
      try {
        further();
      } catch {
        // The frames near the end call, with ever more room.
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
      // Where the stack really ended, nobody can say; here it is inside the module.
      ends = true;
      try {
        flowdock.validate(plain);
        throw new Error("it did not end");
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
