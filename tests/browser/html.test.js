// Judges the package's HTML functions by Chromium: fragments that `check…` accepts and that `sanitize…` returns are built in a live page, where
// handlers could run.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { read } from "../node/support/cases.js";
import { openLivePage } from "./support/live-page.js";
import { xorshift } from "./support/random.js";

/** The number of generated inputs that a run judges. */
const inputs = Number(process.env.FLOWDOCK_FUZZ_INPUTS ?? 20_000);
const batch = 2_000;

const pieces = read("html.json");

let live;
let page;

before(async () => {
  live = await openLivePage(judges);
  ({ page } = live);
});

after(() => live?.close());

test("an unsanitised handler runs in the page, so that the other tests can notice one", async () => {
  const ran = await page.evaluate(() => {
    document.body.innerHTML = "<p onclick='ran()'>x</p>";
    /** @type {HTMLElement} */ (document.body.firstChild).click();
    return window.times;
  });
  assert.equal(ran, 1);
});

for (const what of ["sanitize", "check"]) {
  test(`${what}: Chromium builds only the elements that the HTML shows`, async () => {
    const random = xorshift(0xc4703e);
    let judged = 0;
    let accepted = 0;
    const queue = [...pieces.corpus, `${"<b>".repeat(600)}x`, "<div>".repeat(600)];
    while (judged < inputs + pieces.corpus.length) {
      while (queue.length < batch) queue.push(fragment(random));
      const list = queue.splice(0, batch);
      const result = await page.evaluate(({ what, list }) => /** @type {any} */ (window)[what](list), { what, list });
      assert.deepEqual(result.wrong, []);
      judged += list.length;
      accepted += result.accepted;
    }
    assert.ok(accepted > judged / 50, `${accepted} of ${judged} were judged`);
  });
}

test("no handler ran during the tests", async () => {
  assert.equal(await page.evaluate(() => window.times), 1);
});

function fragment(random) {
  const of = (list) => list[random(list.length)];
  let html = "";
  // Some fragments are links with blocks in them, and some blocks are not closed.
  const isLinked = random(5) === 0;
  const rarity = random(4) === 0 ? 3 : 12;
  for (let count = random(12); count >= 0; count -= 1) {
    const element = isLinked
      ? of(["a", "p", "form", "span", "x-y", "h1"])
      : random(rarity) === 0
        ? of(pieces.refused)
        : of(pieces.allowed);
    const kind = random(10);
    if (kind < 4) {
      html += `<${element}`;
      for (let more = random(3); more > 0; more -= 1) html += of(pieces.attributes);
      html += random(40) === 0 ? "" : ">";
    } else {
      html += kind < 7 ? `</${element}>` : of(pieces.texts);
    }
  }
  return html;
}

/** Runs in the page. It defines `window.sanitize` and `window.check`, which take a list of inputs and list the faults that they find. */
async function judges() {
  const { checkBody, checkTitle, sanitizeBody, sanitizeTitle } = await import("/index.js");
  window.times = 0;
  window.ran = () => {
    window.times += 1;
  };

  // The policy is written again here, from docs/rules.md, because the tested policy must not judge itself.
  const link = ["href", "rel", "target"];
  const everywhere = ["dir", "lang", "title"];
  const title = { elements: new Set(["a"]), attributes: { a: [...link, "title"] }, everywhere: [] };
  const body = {
    elements: new Set(
      (
        "a abbr acronym address article aside b big blockquote br caption cite code dd del details dfn div dl dt em " +
        "figcaption figure footer h1 h2 h3 h4 h5 h6 header hgroup hr i img ins kbd li nav ol p pre samp section small span " +
        "strong sub summary sup table tbody td tfoot th thead tr tt ul var wbr"
      ).split(" "),
    ),
    attributes: {
      a: link,
      img: ["src", "alt", "width", "height"],
      blockquote: ["cite"],
      del: ["cite", "datetime"],
      ins: ["cite", "datetime"],
      ol: ["start", "reversed", "type"],
      li: ["value"],
      td: ["colspan", "rowspan"],
      th: ["colspan", "rowspan", "scope"],
      details: ["open"],
    },
    everywhere,
  };
  const kinds = [
    { policy: title, check: checkTitle, sanitize: sanitizeTitle },
    { policy: body, check: checkBody, sanitize: sanitizeBody },
  ];
  const schemes = { href: /^(?:https?|mailto):/i, cite: /^(?:https?|mailto):/i, src: /^(?:https?|cid):/i };
  // A value that is not a URL for the browser, such as `https://<`, leads nowhere. Its scheme is read from the text.
  const protocol = (value) => (URL.canParse(value) ? new URL(value).protocol : value.trimStart());

  /** Lists the elements and attributes inside `host` that the policy does not allow. */
  function refused(host, { elements, attributes, everywhere }) {
    return [...host.querySelectorAll("*")].flatMap((element) => {
      if (!elements.has(element.localName)) return [`<${element.localName}>`];
      return [...element.attributes].flatMap(({ name, value }) => {
        const known = everywhere.includes(name) || attributes[element.localName]?.includes(name);
        const url = Object.hasOwn(schemes, name);
        const fine = known && (!url || schemes[name].test(protocol(value)));
        return fine ? [] : [`${name}=${value}`];
      });
    });
  }

  /** Lists the elements inside `host` as tags. */
  function asBuilt(host) {
    const tags = [];
    const walk = (node) => {
      for (const child of node.children) {
        tags.push(child.localName);
        walk(child);
        if (!/^(?:br|hr|img|wbr)$/.test(child.localName)) tags.push(`/${child.localName}`);
      }
    };
    walk(host);
    return tags.join(" ");
  }

  const asWritten = (html) =>
    [...html.matchAll(/<(\/?[a-z0-9]+)(?:\s[^\s="]+="[^"]*")*>/g)].map(([, tag]) => tag).join(" ");

  /** Writes a fragment into an element of the live page between two markers. Returns the element and whether the fragment stays inside it. */
  function build(html) {
    document.body.innerHTML = `<x-before></x-before><div>${html}</div><x-after></x-after>`;
    const names = [...document.body.children].map(({ localName }) => localName).join(" ");
    const [before, host, after] = document.body.children;
    const isContained = names === "x-before div x-after" && !before.hasChildNodes() && !after.hasChildNodes();
    for (const element of document.body.querySelectorAll("*")) element.dispatchEvent(new Event("click"));
    return { isContained, host };
  }

  const dropped =
    "script, style, template, iframe, noscript, noembed, noframes, textarea, title, xmp, plaintext, svg, math, select, object";

  /**
   * Returns the text of a fragment that sanitising must keep. White space is left out, because sanitising adds some for a removed block and
   * removes some in a table.
   */
  function visibleText(html) {
    // The document has no scripting, so no handler of the fragment runs.
    const host = document.implementation.createHTMLDocument("").body.appendChild(document.createElement("div"));
    host.innerHTML = html;
    for (const element of host.querySelectorAll(dropped)) element.remove();
    return host.textContent.replaceAll(/[\t\n\f\r ]/g, "");
  }

  // A browser moves text that is in a table but in no cell, so the characters are compared in sorted order.
  const inOneOrder = (text) => [...text].sort().join("");
  // The texts of these fragments are not compared:
  // - A removed part after a character reference without `;`. The sanitiser shows the reference as text.
  // - `noscript`, which has another meaning in a document without scripting.
  // - A NUL after a `<`, which only Chromium converts to U+FFFD.
  const incomparable = (html) => /&[#a-zA-Z0-9]*[<\0]|<noscript|<\0/i.test(html);

  /** Describes how the text of a sanitised fragment differs from the original; empty if it does not. */
  function lost(html, clean) {
    if (incomparable(html)) return "";
    const [kept, shown] = [visibleText(html), visibleText(clean)];
    const same = /<table|<\/br/i.test(html) ? inOneOrder(kept) === inOneOrder(shown) : kept === shown;
    return same ? "" : `shows ${shown} for ${kept}`;
  }

  window.sanitize = (list) => {
    const wrong = [];
    for (const html of list) {
      for (const { policy, check, sanitize } of kinds) {
        const clean = sanitize(html);
        const { isContained, host } = build(clean);
        const found = [
          ...refused(host, policy),
          isContained ? "" : "gets out",
          asBuilt(host) === asWritten(clean) ? "" : `is built as ${asBuilt(host)}`,
          lost(html, clean),
          sanitize(clean) === clean ? "" : "changes again",
          check(clean).length === 0 ? "" : "is not silent",
        ].filter(Boolean);
        if (found.length > 0) wrong.push({ html, clean, found });
      }
    }
    return { wrong, accepted: list.length };
  };

  window.check = (list) => {
    const wrong = [];
    let accepted = 0;
    for (const html of list) {
      for (const { policy, check } of kinds) {
        const violations = check(html);
        if (violations.some(({ severity }) => severity === "error")) continue;
        accepted += 1;
        // The fragment is set as the content of its host, as an application does that shows it.
        document.body.innerHTML = "<x-before></x-before><div></div><x-after></x-after>";
        const [, host] = document.body.children;
        host.innerHTML = html;
        for (const element of host.querySelectorAll("*")) element.dispatchEvent(new Event("click"));
        const found = refused(host, policy);
        // A fragment without any violation must stay inside its host even as a part of a page's markup.
        if (violations.length === 0 && !build(html).isContained) found.push("gets out");
        if (found.length > 0) wrong.push({ html, found });
      }
    }
    return { wrong, accepted };
  };
}
