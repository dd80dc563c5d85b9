// That all peers decide alike, before anything is timed.
//
// The tests' fixtures are the judge, not the package: where it decides against them the run ends. A library that lets
// something through is marked in the tables; one that refuses more than the rules ask for is only named.

import { cases, read } from "../tests/node/support/cases.js";
import { readRules } from "./html-rules.mjs";
import { inputs } from "./messages.mjs";
import { checkers, ours } from "./peers/index.mjs";
import { BODY_HTML, TITLE_HTML } from "./rules.mjs";

/** How each peer decides about what the tests know; throws where a message that is timed is decided otherwise. */
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

/** Who is timed with a message has to give the same answer: the same body, or a list that names the same places. */
function sameWork(peer, { name, valid }, message) {
  const expected = valid ? JSON.stringify(message) : places(ours, message);
  const found = valid ? peer.encode(message) : places(peer, message);
  if (found !== expected) throw new Error(`${peer.name}, ${name}: \`${found}\` instead of \`${expected}\``);
  if (accepts(peer, message) !== valid) throw new Error(`${peer.name} lets through: ${name}`);
}

const places = (peer, message) => [...new Set(peer.validate(message).map(peer.pathOf))].sort().join(" ");

/** The tests' table of rules: for each what keeps it, and what breaks it and nothing else. */
const fixtures = () =>
  cases
    .filter(({ options }) => options === undefined)
    .map(({ row, name, message, report }) => {
      return { name: `${row}, ${name}`, message, valid: !report.some((line) => line.startsWith("error")) };
    });

/** The tests' fragments of HTML, which have no verdict beside them: the crate's tests judge `check` by html5ever. */
function fragments() {
  const message = read("messages.json").activity;
  const texts = read("html.json").corpus.filter((html) => html.trim() !== "");
  return ["title", "body"].flatMap((place) =>
    texts.map((html) => {
      const variant = { ...message, [place]: html };
      return { name: `${place} \`${html}\``, message: variant, valid: accepts(ours, variant) };
    }),
  );
}

/** The policies stand in bench/rules.mjs once more, for the bundles; this holds them together. */
function sameRules() {
  const documented = readRules();
  const flat = ({ elements, attributes }) => {
    return JSON.stringify([elements, [...attributes].map(([tag, of]) => [tag, [...of].sort()])]);
  };
  if (flat(TITLE_HTML) !== flat(documented.title) || flat(BODY_HTML) !== flat(documented.body)) {
    throw new Error("bench/rules.mjs differs from docs/rules.md");
  }
}
