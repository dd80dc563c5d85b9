// Makes the messages that are timed from those in bench/messages.json. They are equal in every run.
//
// There are several copies of each message, made by JSON.parse. The calls take turns through the copies, so that no peer can use a cached result.

import { random, shuffled } from "./measure.mjs";

const SHAPES = 64;
const BATCH = 1000;

/** Returns the inputs. One call handles all messages of one of the `lists`. */
export function inputs(messages) {
  const valid = (name, lists) => ({ name, valid: true, lists });
  const rejected = (name, lists) => ({ name, valid: false, lists });
  const alone = (message, copies) => Array.from({ length: copies }, () => [copy(message)]);
  const { typical, large, nonAscii, oneFault, manyFaults } = messages;
  return [
    valid("typical, 0.9 KB", alone(typical, 32)),
    valid("large, 38 KB", alone(large, 8)),
    valid("non-ASCII, 1.1 KB", alone(nonAscii, 32)),
    valid(
      "64 object shapes",
      Array.from({ length: 4 }, () => shapes(typical)),
    ),
    valid("batch of 1,000", [batch(typical)]),
    rejected("rejected, 1 fault", alone(oneFault, 32)),
    rejected("rejected, 12 faults", alone(manyFaults, 32)),
  ];
}

const copy = (message) => JSON.parse(JSON.stringify(message));

/** Makes 64 messages, one for each combination of six optional keys, each with its keys in another random order. */
function shapes(typical) {
  const next = random();
  const reordered = (value) => {
    if (Array.isArray(value)) return value.map(reordered);
    if (typeof value !== "object" || value === null) return value;
    return Object.fromEntries(shuffled(Object.entries(value), next).map(([key, inner]) => [key, reordered(inner)]));
  };
  const optional = [
    (message) => delete message.author.avatar,
    (message) => delete message.author.email,
    (message) => delete message.tags,
    (message) => delete message.thread.body,
    (message) => delete message.thread.status.color,
    (message) => delete message.thread.actions,
  ];
  return Array.from({ length: SHAPES }, (_, choice) => {
    const message = copy(typical);
    for (const [bit, remove] of optional.entries()) if (choice & (1 << bit)) remove(message);
    return copy(reordered(message));
  });
}

/** Makes a thousand messages about different tickets. */
function batch(typical) {
  return Array.from({ length: BATCH }, (_, index) => {
    const message = copy(typical);
    const ticket = 1234567 + index;
    message.title = message.title.replace("1234567", ticket);
    message.external_thread_id = `bttf:ticket:${ticket}`;
    message.thread.title = `Polish flux capacitor ${index}`;
    message.thread.external_url = message.thread.external_url.replace("1234567", ticket);
    message.thread.fields[2].value = `October ${(index % 31) + 1}, 1985`;
    return copy(message);
  });
}
