// Judges the template tag `html` by Chromium: generated templates with hostile values are set as `innerHTML` in a live page, where handlers
// could run. A template must either throw, or render each value as the text or attribute value that it stands for.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { openLivePage } from "./support/live-page.js";
import { xorshift } from "./support/random.js";

/** The number of generated templates that a run judges. */
const inputs = Number(process.env.FLOWDOCK_FUZZ_INPUTS ?? 20_000);
const batch = 2_000;

/** Marks the position of a value in a generated template. */
const GAP = "\uE000";

const hostile = [
  'https://e/" onmouseover=ran() x="',
  "https://e/' onmouseover=ran() x='",
  "x onmouseover=ran() x=",
  "https://onmouseover=ran()//",
  "y href=https://evil.example/ onclick=ran()",
  "><img src=x onerror=ran()>",
  "<script>ran()</script>",
  "javascript:ran()",
  "java\nscript:ran()",
  "&#106;avascript:ran()",
  "--><b onclick=ran()>x</b>",
  "--!><b onclick=ran()>x</b>",
  "</b></p></table></div><i onclick=ran()>",
  "onclick=ran()",
  "copy",
  "lt;b onclick=ran()>",
  "#60;b>",
  "60;",
  ";",
  "=",
  '"',
  "'",
  "/",
  ">",
  "<",
  "&",
  "\0",
  "\r\nx",
  "\n\nx",
  "\ud83d\ude00 \u00a0\ufeff\u2028",
  "é",
];

/** Templates in which an earlier version of the tag let a value break out of its context. */
const known = [
  '<a href=https://e/?q="~">',
  '<b title=x="~">',
  '<b title=="~">',
  '<b title= ="~">',
  '<a href=="~">',
  '<img width=1="~">',
  "<img alt=a=\"~\" src='https://e'>",
  '<a href=https://e/title="~">',
  '<b lang=x/title="~">',
  '<b lang=x"title="~">',
  "<b lang=x'title='~'>",
  '<b ="~">',
  '<b/="~">',
  '<b title="x"="~">',
  '<b title="x" ="~">',
  '<b\u00a0title="~">',
  '<a\u00a0href="~">',
  '<b title=\u00a0"~">',
  '<a href=\ufeff"~">',
  '<b lang=x\vtitle="~">',
  '<a title=x="~">see</a>',
  '<b onclick="~">',
  '<b style="~">',
  '<p formaction="~">',
  '<a xlink:href="~">',
  "<!-- x --!>~",
  "<pre>~</pre>",
  "x &~",
  "&#~",
  '<a href="https://e/?a=1&~">x</a>',
  "<~",
  "</~>",
  "<b ~>",
  '<b ~="x">',
  "<!--~-->",
  "<script>~</script>",
  '<b title="~',
].map((template) => template.replaceAll("~", GAP));

const names = [
  "a",
  "b",
  "p",
  "div",
  "span",
  "pre",
  "table",
  "tr",
  "td",
  "ul",
  "li",
  "h1",
  "code",
  "blockquote",
  "img",
  "br",
];
const attributes = ["title", "href", "lang", "dir", "src", "cite", "alt", "class", "onclick", "style", "srcset"];
const odd = [
  "=",
  '"',
  "'",
  " ",
  "/",
  ">",
  "<",
  "&",
  "&#",
  "&#x",
  "&am",
  "\u00a0",
  "\v",
  "\ufeff",
  "\u3000",
  "<!--",
  "-->",
  "--!>",
  "<!",
  "</",
  "<?",
  "<script>",
  "x",
  "\n",
  GAP,
];

/** Makes a template that is mostly valid, and often inserts something odd. */
function template(random) {
  const of = (list) => list[random(list.length)];
  const text = () => of(["x", " ", "1 < 2 ", "&lt;", "& ", GAP, GAP, `a${GAP}b`, ""]);
  const attribute = () => {
    const name = random(8) === 0 ? of(attributes) : of(["title", "lang", "title", "dir"]);
    const quote = of(['"', '"', '"', "'", "'", ""]);
    const value = of([GAP, `x${GAP}`, `${GAP}x`, `${GAP}${GAP}`, "x", `https://e/?a=1&${GAP}`]);
    return `${of([" ", " ", "\n", "\t", "/"])}${name}${of(["=", "=", "=", " = ", "= "])}${quote}${value}${quote}`;
  };
  let html = "";
  for (let count = random(4); count >= 0; count -= 1) {
    const name = of(names);
    html += `${text()}<${name}`;
    if (name === "a") html += ` href="${of([GAP, `https://e/${GAP}`, `mailto:${GAP}`])}"`;
    if (random(2) === 0) html += attribute();
    html += `>${text()}`;
    if (random(5) > 0) html += `</${name}>`;
  }
  if (random(2) === 0) {
    const at = random(html.length + 1);
    html = html.slice(0, at) + of(odd) + html.slice(at + random(2));
  }
  return html;
}

let live;
let page;

before(async () => {
  live = await openLivePage(judge);
  ({ page } = live);
});

after(() => live?.close());

/** Lists templates with values as `[template, values]`. A value is a text, or an array of parts. */
function* cases(random) {
  const value = () =>
    random(6) === 0 ? [hostile[random(hostile.length)], "<fragment>", ["nested"]] : hostile[random(hostile.length)];
  for (const html of known) for (const text of hostile) yield [html, [text]];
  for (let count = 0; count < inputs; count += 1) {
    const html = template(random);
    yield [html, html.split(GAP).slice(1).map(value)];
  }
}

async function judged(tag) {
  const sum = { rendered: 0, refused: 0, wrong: [], ran: 0 };
  let list = [];
  const flush = async () => {
    const { rendered, refused, wrong, ran } = await page.evaluate(
      ([tag, list]) => window.judge(tag, list),
      [tag, list],
    );
    sum.rendered += rendered;
    sum.refused += refused;
    sum.wrong.push(...wrong);
    sum.ran += ran;
    list = [];
  };
  for (const one of cases(xorshift(0x7e3a11))) if (list.push(one) === batch) await flush();
  await flush();
  return sum;
}

test("a template throws, or each of its values stays in its context", async () => {
  const { rendered, refused, wrong, ran } = await judged("html");
  assert.deepEqual(wrong.slice(0, 5), []);
  assert.equal(ran, 0);
  assert.ok(rendered > inputs / 4 && refused > inputs / 20, `${rendered} rendered, ${refused} refused`);
});

test("the judge finds the faults of a tag that only escapes", async () => {
  const { wrong, ran } = await judged("escape");
  assert.ok(wrong.length > 100 && ran > 0, `${wrong.length} wrong, ${ran} handlers ran`);
});

/** Runs in the page. It defines `window.judge`. */
async function judge() {
  const { escapeHtml, FlowdockError, html } = await import("/index.js");
  const GAP = "\uE000";
  let times = 0;
  window.ran = () => {
    times += 1;
  };
  const flat = (value) => (Array.isArray(value) ? value.flat().join("") : value);
  const fragment = html`<i>f</i>`;
  const tags = {
    html: (strings, ...values) =>
      String(
        html(
          strings,
          ...values.map((value) =>
            Array.isArray(value) ? value.map((part) => (part === "<fragment>" ? fragment : part)) : value,
          ),
        ),
      ),
    escape: (strings, ...values) => String.raw({ raw: strings }, ...values.map((value) => escapeHtml(flat(value)))),
  };

  const host = document.createElement("div");
  document.body.append(host);

  /** Lists what Chromium builds from markup: elements with their attributes, and the texts between them. */
  function built(markup) {
    host.innerHTML = markup;
    for (const element of host.querySelectorAll("*")) {
      for (const type of ["click", "mouseover", "focus", "error"]) element.dispatchEvent(new Event(type));
    }
    const out = [];
    const walk = (node) => {
      for (const child of node.childNodes) {
        if (child.nodeType === Node.TEXT_NODE) {
          if (typeof out.at(-1) === "string") out[out.length - 1] += child.data;
          else out.push(child.data);
        } else if (child.nodeType !== Node.ELEMENT_NODE) {
          out.push({ comment: child.data });
        } else {
          const attributes = Object.fromEntries([...child.attributes].map(({ name, value }) => [name, value]));
          out.push({ name: child.localName, attributes });
          walk(child);
          out.push({ end: child.localName });
        }
      }
    };
    walk(host);
    return out;
  }

  /** Changes a text as the HTML parser does. */
  const shown = (text) => text.replaceAll(/\r\n?/g, "\n").replaceAll("\0", "\uFFFD");

  window.judge = (name, list) => {
    times = 0;
    const tag = tags[name];
    const result = { rendered: 0, refused: 0, wrong: [] };
    for (const [template, values] of list) {
      const strings = template.split(GAP);
      strings.raw = strings;
      let markup;
      try {
        markup = tag(strings, ...values);
      } catch (error) {
        if (error instanceof FlowdockError && error.code === "invalid_option") result.refused += 1;
        else result.wrong.push({ template, values, error: String(error) });
        continue;
      }
      result.rendered += 1;
      const found = built(markup);
      // The expected result is the template with harmless values, each of which is then replaced by the hostile value.
      const harmless = (text, index) =>
        Array.isArray(text)
          ? text.map((part, at) => (part === "<fragment>" ? part : [`https://b.e/${index}.${at}/`]))
          : `https://b.e/${index}/`;
      let expected;
      try {
        expected = JSON.stringify(built(tag(strings, ...values.map(harmless))));
      } catch (error) {
        result.wrong.push({ template, values, error: `refused with harmless values: ${error.message}` });
        continue;
      }
      values.forEach((value, index) => {
        const parts = Array.isArray(value)
          ? value.map((part, at) => [`https://b.e/${index}.${at}/`, part])
          : [[`https://b.e/${index}/`, value]];
        for (const [mark, part] of parts)
          expected = expected.replaceAll(mark, () => JSON.stringify(shown(String(part))).slice(1, -1));
      });
      const literal = strings.join(" ").toLowerCase();
      const implied = { tbody: /<t[rdh]/, tr: /<t[dh]/, p: /<\/p/, br: /<\/br/, i: /^/ };
      const foreign = found.filter(
        (node) =>
          node.name &&
          (!(literal.includes(`<${node.name}`) || implied[node.name]?.test(literal)) ||
            Object.keys(node.attributes).some((attribute) => !literal.includes(attribute))),
      );
      if (foreign.length > 0 || JSON.stringify(found) !== expected)
        result.wrong.push({ template, values, markup, found: JSON.stringify(found), expected });
    }
    return { ...result, ran: times };
  };
}
