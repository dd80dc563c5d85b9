// `example`: prints a message to start from.

import { printJson } from "../output.js";
import { WrongUse } from "../wrong-use.js";

export const summary = "print a message to start from";

export const usage = ["example [activity|discussion|message]"];

export const about = "Prints a message as JSON, which check and post read: example | post";

export const options = {};

const author = { name: "Marty", avatar: "https://avatars.githubusercontent.com/u/3017123?v=3" };
/** The example of Flowdock's guide. */
const activity = {
  event: "activity",
  author,
  title: "updated ticket",
  external_thread_id: "1234567",
  thread: {
    title: "Polish the flux capacitor",
    fields: [{ label: "Dustiness", value: "5 - severe" }],
    body:
      "The flux capacitor has been in storage for more than 30 years " +
      "and it needs to be spick and span for the re-launch.",
    external_url: "https://example.com/projects/bttf/tickets/1234567",
    status: { color: "green", value: "open" },
  },
};

const EXAMPLES = /** @type {Record<string, object>} */ ({
  activity,
  discussion: {
    ...activity,
    event: "discussion",
    title: "commented",
    body: "<p>Under the dust it is in <em>good</em> shape.</p>",
  },
  message: { event: "message", author, content: "Great Scott!", external_thread_id: "1234567" },
});

/** @param {import("../arguments.js").Arguments} given */
export async function run({ files }) {
  const [name = "activity", ...more] = files;
  if (more.length > 0 || !Object.hasOwn(EXAMPLES, name)) {
    throw new WrongUse("the examples are activity, discussion and message: name one of them, or none");
  }
  printJson(EXAMPLES[name]);
  return 0;
}
