// Compares the speed of the package's HTML functions with js-xss, sanitize-html and DOMPurify with jsdom.
//
// Short inputs run in this process, in rounds of random order, so that a disturbance of the machine affects all peers equally.
// With the hostile inputs of 1 MB each other library runs in a separate process, because some take minutes and some exhaust the stack.
// The tables go to standard output, the progress to standard error. The exit code does not depend on the figures.

import { fork } from "node:child_process";
import { writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { versions } from "./files.mjs";
import { readRules } from "./html-rules.mjs";
import { figure, machine, table } from "./markdown.mjs";
import { measure, median, progress, ratio, time } from "./measure.mjs";
import { sanitizeHtmlSettings } from "./peers/support/sanitize-html.mjs";
import { xssSettings } from "./peers/support/xss.mjs";
import { hasScheme } from "./rules.mjs";

const ROUNDS = 21;
const SAMPLE_MS = 8;
const HOSTILE_ROUNDS = 3;
const HOSTILE_BYTES = 1_000_000;
const BASELINE = "valid links";

const { values: options } = parseArgs({
  options: {
    json: { type: "string" },
    // In seconds. The limit is short, because ten cases exceed it, and most of them would take longer than twenty seconds too.
    limit: { type: "string", default: "3" },
    // The peer of a child process. Only this script itself gives this option.
    peer: { type: "string" },
  },
});
const limitMs = Number(options.limit) * 1000;

// ---- peers ----

/** The elements that are removed with their content, as in this package. */
const DROPPED = `iframe math noembed noframes noscript object plaintext script select style svg template textarea title
  xmp`.split(/\s+/);

/** The other libraries. Each function loads one and returns how to configure it for a set of rules. They load on demand: jsdom takes half a second. */
const PEERS = {
  "js-xss": async () => {
    const { FilterXSS } = await import("xss");
    return (rules) => {
      const filter = new FilterXSS({ ...xssSettings(rules), stripIgnoreTag: true, stripIgnoreTagBody: DROPPED });
      return (html) => filter.process(html);
    };
  },

  "sanitize-html": async () => {
    const { default: sanitize } = await import("sanitize-html");
    return (rules) => {
      const settings = { ...sanitizeHtmlSettings(rules), nonTextTags: DROPPED };
      return (html) => sanitize(html, settings);
    };
  },

  "DOMPurify, jsdom": async () => {
    const { default: createDOMPurify } = await import("dompurify");
    const { JSDOM } = await import("jsdom");
    return ({ elements, attributes }) => {
      const purify = createDOMPurify(new JSDOM("").window);
      purify.setConfig({
        ALLOWED_TAGS: elements,
        ALLOWED_ATTR: [...new Set([...attributes.values()].flatMap((of) => [...of.keys()]))],
        ALLOW_DATA_ATTR: false,
        ALLOW_ARIA_ATTR: false,
        FORBID_CONTENTS: DROPPED,
        // DOMPurify's own pattern with our schemes. DOMPurify also applies it to attributes that hold no URL.
        ALLOWED_URI_REGEXP: /^(?:(?:https?|mailto|cid):|[^a-z]|[a-z+.-]+(?:[^a-z+.\-:]|$))/i,
      });
      // DOMPurify's options cannot allow an attribute for one element only, and they allow `data:` in an image.
      purify.addHook("uponSanitizeAttribute", (node, attribute) => {
        const allowed = attributes.get(node.nodeName.toLowerCase());
        const schemes = allowed?.get(attribute.attrName);
        attribute.keepAttr =
          allowed?.has(attribute.attrName) === true && (!schemes || hasScheme(attribute.attrValue, schemes));
      });
      return (html) => purify.sanitize(html);
    };
  },
};

// ---- inputs ----

const LINK = '<a href="https://example.com/issues/42">#42</a>';

const VALID = {
  "short title": ["title", "updated ticket: polish the flux capacitor"],
  "title, two links": ["title", `merged ${LINK} into <a href="https://example.com/tree/main" rel="nofollow">main</a>`],
  "body, 1.2 KB": [
    "body",
    `<h3>Polish the flux capacitor</h3>
<p>Marty <b>closed</b> ${LINK} &amp; assigned <a href="mailto:doc@example.com" title="Doc">Doc</a>: it needs
1.21 gigawatts, and 88 mph &gt; 87 mph.</p>
<ul><li>clean the <code>contacts</code></li><li>check the <i>flux</i> <del>twice</del> <ins>once</ins></li>
<li>charge it</li></ul>
<p><img src="cid:file-1" alt="The capacitor, before" width="320" height="200"></p>
<blockquote cite="https://example.com/issues/42#comment-7">If my calculations are correct, when this thing hits
eighty-eight miles per hour, you're going to see some serious work.</blockquote>
<table><thead><tr><th scope="col">Part</th><th scope="col">State</th></tr></thead><tbody>
<tr><td>Capacitor</td><td><strong>polished</strong></td></tr><tr><td>Plutonium</td><td>missing</td></tr>
<tr><td colspan="2">See <a href="https://example.com/wiki/flux" target="_blank" rel="noopener">the wiki</a></td></tr>
</tbody></table>
<pre>flux --charge 1.21GW
flux --polish</pre>
<details open=""><summary>More</summary><p>The <abbr title="flux capacitor">FC</abbr> makes it possible.<br>It was
drawn on November 5, 1955, after a fall from the rim of a toilet.</p></details>`,
  ],
};

/** Short hostile inputs, which show where the other libraries decide differently. */
const HOSTILE_SHORT = {
  "data: in an image": '<img src="data:image/png;base64,AA==">',
  "javascript:": '<a href="javascript:alert(1)">x</a>',
  "encoded javascript:": '<a href="java&#x0A;script:alert(1)">x</a>',
  "relative URL": '<a href="/x">x</a>',
  "// URL": '<a href="//e.e">x</a>',
  "cid: in a link": '<a href="cid:x">x</a>',
  "mailto: in an image": '<img src="mailto:x">',
  "javascript: in cite": '<q cite="javascript:x">x</q><del cite="javascript:x">x</del>',
  "event handler": "<p onclick=alert(1)>x</p>",
  "NUL in a name": '<p>x<im\0g src="https://e.e">',
  script: "<script>alert(1)</script>x",
  svg: "<svg><p>x</p><style><img src=x onerror=alert(1)></style></svg>y",
  comment: "x<!-- y -->z",
  "link in a link": '<a href="https://e.e">x<a href="https://f.f">y</a>',
  "stray end tag": "</div>x",
  "text in a table": "<table>x<tr><td>y</table>",
  "table in a paragraph of a table": "<table><i><div><table></table></div></i>z</table>",
  "cell without a table": "<td>x</td>y",
};

/** Makes a string of about 1 MB. It is copied, because engines store a concatenated string as a tree until it is read. */
function megabyte(piece, before = "", after = "") {
  const pieces = typeof piece === "string" ? () => piece : piece;
  let text = before;
  for (let index = 0; text.length < HOSTILE_BYTES - after.length; index += 1) text += pieces(index);
  return Buffer.from(text + after, "latin1").toString("latin1");
}

const HOSTILE = {
  [BASELINE]: () => megabyte('<a href="https://e.e">x</a>'),
  "attributes, all different": () => megabyte((index) => `a${index} `, "<a ", ">x</a>"),
  "attributes, `title` again": () => megabyte("title ", "<a ", ">x</a>"),
  "nested `<b>`": () => megabyte("<b>"),
  "nested `<div>`": () => megabyte("<div>"),
  "`<!---->`": () => megabyte("<!---->"),
  "`<`": () => megabyte("<"),
  "stray `</div>`": () => megabyte("</div>"),
  "`<table><tr><td>`": () => megabyte("<table><tr><td>"),
  "`<script>`": () => megabyte("<script>"),
  "`&`": () => megabyte("&"),
  NUL: () => megabyte("\0"),
  // An attack: at each tag a parser searches all open elements.
  "`<hr>` in 500 `<span>`": () => megabyte("<hr>", "<span>".repeat(500)),
  "`</i>` in 500 `<span>`": () => megabyte("</i>", "<span>".repeat(500)),
};

// ---- separate processes ----

/** Runs in a child process. For the name of each 1 MB input it answers with the milliseconds that its peer takes. */
async function child(peer) {
  const run = (await PEERS[peer]())(readRules().body);
  const warm = () => run(VALID["body, 1.2 KB"][1]).length;
  for (const start = performance.now(); performance.now() - start < 300; ) time(warm);
  process.on("message", (name) => {
    const input = HOSTILE[name]();
    const samples = [];
    process.send({ started: true });
    try {
      // A slow peer is timed only once.
      for (const start = performance.now(); samples.length < 5 && performance.now() - start < 500; ) {
        samples.push(time(() => run(input).length));
      }
      process.send({ ms: median(samples) });
    } catch (failure) {
      process.send({ failure: failure.name });
    }
  });
  process.send({ ready: true });
}

/** Times a peer with each 1 MB input, in a separate process: `{ ms }`, `{ over }` if it exceeds the limit, or `{ failure }`. */
async function measureApart(peer) {
  const results = {};
  let worker;
  for (const name of Object.keys(HOSTILE)) {
    worker ??= await start(peer);
    results[name] = await ask(worker, name);
    const { ms, failure } = results[name];
    progress(
      `1 MB, ${peer}, ${name}: ${ms === undefined ? (failure ?? `> ${options.limit} s`) : `${ms.toFixed(0)} ms`}`,
    );
    if (ms === undefined) {
      worker.kill("SIGKILL");
      worker = undefined;
    }
  }
  worker?.kill("SIGKILL");
  return results;
}

function start(peer) {
  /** @type {import("node:child_process").StdioOptions} */
  const stdio = ["ignore", "ignore", "ignore", "ipc"];
  const worker = fork(fileURLToPath(import.meta.url), ["--peer", peer], { stdio });
  return new Promise((resolve, reject) => {
    worker.once("message", () => resolve(worker));
    worker.once("exit", () => reject(new Error(`${peer} cannot be started`)));
  });
}

function ask(worker, name) {
  return new Promise((resolve) => {
    let timer;
    const settle = (result) => {
      clearTimeout(timer);
      worker.removeAllListeners();
      resolve(result);
    };
    worker.on("message", (message) => {
      if (message.started) timer = setTimeout(() => settle({ over: limitMs }), limitMs);
      else settle(message);
    });
    worker.once("exit", (code, signal) => settle({ failure: `ended (${signal ?? code})` }));
    worker.send(name);
  });
}

// ---- agreement ----

/** Makes a function that returns the structure that a browser builds from a fragment, and whether the fragment stays inside its `div`. */
async function reader() {
  const { JSDOM } = await import("jsdom");
  const { document } = new JSDOM("").window;
  const write = (node) => {
    if (node.nodeType === 3) return node.data.replaceAll("<", "&lt;");
    if (node.nodeType !== 1) return `<!${node.nodeName}>`;
    const attributes = [...node.attributes].map(({ name, value }) => ` ${name}=${JSON.stringify(value)}`).sort();
    return `<${node.localName}${attributes.join("")}>${[...node.childNodes].map(write).join("")}</>`;
  };
  return (html) => {
    const outside = document.createElement("section");
    outside.innerHTML = `<div>${html}</div><hr>`;
    const stays = outside.childNodes.length === 2 && /** @type {Element} */ (outside.lastChild).localName === "hr";
    const host = document.createElement("div");
    host.innerHTML = html;
    return { structure: [...host.childNodes].map(write).join(""), stays };
  };
}

function checkValid(all, read, ours) {
  const notes = [];
  for (const [name, [place, input]] of Object.entries(VALID)) {
    const violations = (place === "title" ? ours.checkTitle : ours.checkBody)(input);
    if (violations.length > 0) throw new Error(`${name} is not valid: ${violations[0].message}`);
    for (const [who, run] of Object.entries(all)) {
      if (read(run[place](input)).structure !== read(input).structure) notes.push(`${who} changes the valid ${name}`);
    }
  }
  return notes;
}

/** Lists the bodies that another library sanitises differently from this package. */
function compareHostile(all, read) {
  const notes = [];
  for (const [who, run] of Object.entries(all)) {
    for (const [name, input] of Object.entries(HOSTILE_SHORT)) {
      const expected = read(all.ours.body(input)).structure;
      const output = run.body(input);
      const { structure, stays } = read(output);
      if (structure === expected && stays) continue;
      const leaves = stays ? "" : ", which does not stay in its host";
      notes.push(`${who}, ${name}: \`${output}\`${leaves}; ours: \`${all.ours.body(input)}\``);
    }
  }
  return notes;
}

// ---- tables ----

function shortTable(results, names) {
  const of = (input, who) => results.find((one) => one.input === input && one.who === who);
  const rows = Object.keys(VALID).map((input) => {
    const ours = of(input, "ours");
    return [input, figure(ours.ms * 1000), ...names.map((who) => figure(ratio(of(input, who), ours)))];
  });
  return table(["input", "ours, µs", ...names], rows);
}

function hostileTable(hostile, peers) {
  const rows = hostile.map(({ name, check, sanitize, others }) => {
    const ours = [check, sanitize].flatMap(({ ms, perByte }) => [figure(ms), figure(perByte)]);
    const ratios = peers.map((peer) => {
      const { ms, over, failure } = others[peer];
      if (over) return `> ${options.limit} s`;
      return failure ?? figure(ms / sanitize.ms);
    });
    return [name, ...ours, ...ratios];
  });
  return table(["1 MB of", "check, ms", "per byte", "sanitize, ms", "per byte", ...peers], rows);
}

/** Returns the time of an input, and its time per byte as a multiple of the time per byte for valid links. */
function perByte(results, name, who) {
  const cost = (input) => {
    const { ms, bytes } = results.find((one) => one.input === input && one.who === who);
    return ms / bytes;
  };
  return { ms: results.find((one) => one.input === name && one.who === who).ms, perByte: cost(name) / cost(BASELINE) };
}

async function main() {
  const ours = await import("#flowdock-integration").catch((cause) => {
    throw new Error("there is no package in target/pkg: `cargo xtask build` makes it", { cause });
  });
  const rules = readRules();
  const all = { ours: { title: ours.sanitizeTitle, body: ours.sanitizeBody } };
  for (const [peer, load] of Object.entries(PEERS)) {
    const configure = await load();
    all[peer] = { title: configure(rules.title), body: configure(rules.body) };
  }
  const read = await reader();
  const disagreements = { valid: checkValid(all, read, ours), hostile: compareHostile(all, read) };
  progress("set up, agreement checked");

  const timed = { ...all, "ours, check": { title: ours.checkTitle, body: ours.checkBody } };
  const cases = Object.entries(VALID).flatMap(([name, [place, input]]) =>
    Object.entries(timed).map(([who, { [place]: run }]) => {
      return { input: name, who, run: () => run(input).length, bytes: input.length };
    }),
  );
  const short = measure("short inputs", cases, { rounds: ROUNDS, sampleMs: SAMPLE_MS });

  const large = measure(
    "1 MB, ours",
    Object.entries(HOSTILE).flatMap(([name, make]) => {
      const input = make();
      const of = (who, run) => ({ input: name, who, run: () => run(input).length, bytes: input.length });
      return [of("check", ours.checkBody), of("sanitize", ours.sanitizeBody)];
    }),
    { rounds: HOSTILE_ROUNDS },
  );
  // The peers run one after another. In parallel, on two CPUs, they took up to four times as long, which would favour this package.
  const apart = {};
  for (const peer of Object.keys(PEERS)) apart[peer] = await measureApart(peer);
  const hostile = Object.keys(HOSTILE).map((name) => ({
    name,
    check: perByte(large, name, "check"),
    sanitize: perByte(large, name, "sanitize"),
    others: Object.fromEntries(Object.keys(PEERS).map((peer) => [peer, apart[peer][name]])),
  }));

  const compared = versions(["xss", "sanitize-html", "dompurify", "jsdom"]);
  const notes = [...disagreements.valid, ...disagreements.hostile].map((note) => `- ${note.replaceAll("\0", "\\0")}`);
  console.log(`${machine()}; ${compared.join(", ")}.

Time of one call by the side of \`sanitizeTitle\` or \`sanitizeBody\` (1.00), medians of ${ROUNDS} rounds:

${shortTable(short, ["ours", "ours, check", ...Object.keys(PEERS)])}

Hostile inputs of 1 MB. *Per byte*: times what valid links cost.
Others: times \`sanitizeBody\`, at most ${options.limit} s.

${hostileTable(hostile, Object.keys(PEERS))}

Where others decide otherwise than ours:

${notes.length > 0 ? notes.join("\n") : "nowhere"}`);

  if (options.json !== undefined) {
    const inputs = short.map(({ input, who, ms, bytes }) => ({ input, who, us: ms * 1000, bytes }));
    const runtime = { node: process.version, cpus: availableParallelism(), versions: compared };
    const answer = { ...runtime, inputs, hostile, disagreements };
    writeFileSync(options.json, `${JSON.stringify(answer, null, 2)}\n`);
  }
  progress("done");
}

if (options.peer === undefined) await main();
else await child(options.peer);
