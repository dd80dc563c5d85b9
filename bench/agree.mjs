// Checks that all peers accept and refuse the same messages, before anything is timed.
//
// The judge is the tests' fixtures and not the package. If the package decides against them, the run ends. A library that accepts an invalid
// message is marked in the tables. A library that is stricter than the rules is only named.

import { cases, read } from "../tests/node/support/cases.js";
import { readRules } from "./html-rules.mjs";
import { inputs } from "./messages.mjs";
import { checkers, ours } from "./peers/index.mjs";
import { BODY_HTML, TITLE_HTML } from "./rules.mjs";

/** Returns the decisions of each peer on the tests' messages. Throws if a peer decides wrongly on a message that is timed. */
export function agree(messages) {
  sameRules();
  for (const input of inputs(messages)) {
    for (const message of input.lists.flat()) for (const peer of checkers) sameWork(peer, input, message);
  }

  const variants = { rules: fixtures(), fragments: fragments() };
  const counts = Object.entries(variants).map(([of, list]) => {
    return [of, { all: list.length, faulty: list.filter(({ valid }) => !valid).length }];
  });
  const decisions = checkers.map((peer) => {
    const differ = Object.values(variants)
      .flat()
      .filter(({ message, valid }) => accepts(peer, message) !== valid);
    if (peer === ours && differ.length > 0) throw new Error(`ours decides against the fixtures: ${differ[0].name}`);
    const names = (valid) => differ.filter((one) => one.valid === valid).map(({ name }) => name);
    return { name: peer.name, misses: names(false), stricter: names(true) };
  });
  return { counts: Object.fromEntries(counts), decisions };
}

function accepts(peer, message) {
  try {
    peer.encode(message);
    return true;
  } catch (error) {
    if (error.code === "invalid_message") return false;
    throw error;
  }
}

/** Throws unless a peer gives the expected answer for a timed message: the expected body, or violations with the expected paths. */
function sameWork(peer, { name, valid }, message) {
  const expected = valid ? JSON.stringify(message) : pathsOf(ours, message);
  const found = valid ? peer.encode(message) : pathsOf(peer, message);
  if (found !== expected) throw new Error(`${peer.name}, ${name}: \`${found}\` instead of \`${expected}\``);
  if (accepts(peer, message) !== valid) throw new Error(`${peer.name} lets through: ${name}`);
}

const pathsOf = (peer, message) => [...new Set(peer.validate(message).map(peer.pathOf))].sort().join(" ");

/** Returns the messages of the tests' table of rules: for each rule some that keep it, and some that break only this rule. */
const fixtures = () =>
  cases
    .filter(({ options }) => options === undefined)
    .map(({ row, name, message, report }) => {
      return { name: `${row}, ${name}`, message, valid: !report.some((line) => line.startsWith("error")) };
    });

/** Returns messages with the tests' fragments of HTML. The package decides whether they are valid; the crate's tests judge it by html5ever. */
function fragments() {
  const message = read("messages.json").activity;
  const texts = read("html.json").corpus.filter((html) => html.trim() !== "");
  return ["title", "body"].flatMap((key) =>
    texts.map((html) => {
      const variant = { ...message, [key]: html };
      return { name: `${key} \`${html}\``, message: variant, valid: accepts(ours, variant) };
    }),
  );
}

/** Throws unless the policies of bench/rules.mjs equal those of docs/rules.md. They are written twice, because the bundles need them as code. */
function sameRules() {
  const documented = readRules();
  const flat = ({ elements, attributes }) => {
    return JSON.stringify([elements, [...attributes].map(([tag, of]) => [tag, [...of].sort()])]);
  };
  if (flat(TITLE_HTML) !== flat(documented.title) || flat(BODY_HTML) !== flat(documented.body)) {
    throw new Error("bench/rules.mjs differs from docs/rules.md");
  }
}
