// The messages that the worker makes from each event, without a network.

import assert from "node:assert/strict";
import { test } from "node:test";
import { validate } from "flowdock-integration";
import { actionsOf, EVENTS, payloadsOf } from "../sample.js";
import { toMessage as make, TOLD } from "../src/message.js";
import { payloadOf, payloads } from "./support/payloads.js";

/** @type {(event: string, payload: object) => any} The parts of what is made are looked at one by one. */
const toMessage = make;

for (const event of TOLD) {
  const examples = payloads.filter((example) => example.event === event);

  test(`${event}: ${examples.length} payloads become valid messages`, (t) => {
    assert.ok(examples.length >= 7, "the package brings payloads of this event");
    for (const { server, payload } of examples) {
      const message = toMessage(event, payload);
      assert.deepEqual(validate(message).violations, [], `${server} ${payload.action}`);
      assert.match(message.external_thread_id, /^github:[^:]+\/[^:]+:[^:]+:?./);
      assert.match(message.author.avatar, /^https?:/);
      assert.match(message.thread.external_url, /^https?:/);
      assert.equal(message.thread.actions, undefined, "a link to the same address would be shown twice");
      assert.equal(message.thread.fields[0].label, "Repository");
      assert.doesNotMatch(JSON.stringify(message), /undefined|null|\[object/);
    }
    t.diagnostic(`${event}: ${examples.length} payloads`);
  });
}

test("every event that is posted has payloads to send, and an issue can be closed", () => {
  for (const event of TOLD) assert.ok(EVENTS.includes(event) && actionsOf(event).length > 0, event);
  const closed = payloadsOf("issues").find(({ action }) => action === "closed");
  const opened = payloadOf("issues", "opened");
  assert.deepEqual(
    { ...closed, action: "opened", issue: opened.issue },
    opened,
    "only the issue and the action differ",
  );
  const { title, thread, external_thread_id: id } = toMessage("issues", closed);
  assert.deepEqual([String(title), thread.status], ["closed", { value: "closed", color: "red" }]);
  assert.equal(id, toMessage("issues", opened).external_thread_id);
});

test("other events give no message", () => {
  const others = payloads.filter(({ event }) => !TOLD.includes(event));
  assert.ok(others.some(({ event }) => event === "ping"));
  for (const { event, payload } of others) assert.equal(toMessage(event, payload), undefined, event);
  for (const event of [null, "", "constructor", "__proto__", "toString"]) assert.equal(toMessage(event, {}), undefined);
});

test("comments and reviews of a pull request are in its thread", () => {
  const { external_thread_id: issue } = toMessage("issue_comment", payloadOf("issue_comment", "created"));
  assert.equal(issue, "github:Codertocat/Hello-World:issues:1");
  const { number, url } = payloadOf("pull_request", "opened").pull_request;
  for (const [event, action, changes] of /** @type {any[][]} */ ([
    ["pull_request", "opened"],
    ["issue_comment", "created", { issue: { number, pull_request: { url } } }],
    ["pull_request_review", "submitted"],
    ["pull_request_review_comment", "created"],
  ])) {
    const message = toMessage(event, payloadOf(event, action, changes));
    assert.equal(message.external_thread_id, "github:Codertocat/Hello-World:pull:2", event);
  }
});

const at = "2019-05-15T15:20:33Z";
for (const [event, action, changes, status] of /** @type {any[][]} */ ([
  ["issues", "opened", { issue: { state: "open" } }, "open green"],
  ["issues", "closed", { issue: { state: "closed", state_reason: "completed" } }, "closed red"],
  ["issues", "closed", { issue: { state: "closed", state_reason: "not_planned" } }, "not planned grey"],
  ["issues", "pinned", { issue: { state: undefined, closed_at: at } }, "closed red"],
  ["issues", "pinned", { issue: { state: undefined, closed_at: null } }, "open green"],
  ["issues", "deleted", {}, "deleted black"],
  ["issues", "transferred", {}, "transferred grey"],
  ["pull_request", "opened", { pull_request: { state: "open", draft: false } }, "open green"],
  ["pull_request", "opened", { pull_request: { state: "open", draft: true } }, "draft grey"],
  ["pull_request", "closed", { pull_request: { state: "closed", draft: true, merged_at: null } }, "closed red"],
  ["pull_request", "closed", { pull_request: { state: "closed", merged_at: at } }, "merged purple"],
  ["issue_comment", "created", { issue: { state: "closed", pull_request: { merged_at: at } } }, "merged purple"],
  ["issue_comment", "deleted", { issue: { state: "open" } }, "open green"],
  ["release", "published", { release: { draft: false, prerelease: false } }, "published green"],
  ["release", "prereleased", { release: { draft: false, prerelease: true } }, "prerelease orange"],
  ["release", "created", { release: { draft: true, prerelease: true } }, "draft grey"],
  ["release", "deleted", {}, "deleted black"],
])) {
  test(`the thread of ${event} ${action} ${JSON.stringify(changes)} has the status ${status}`, () => {
    // The collection has no example of a closed issue.
    const payload = {
      ...payloadOf(event, action === "closed" && event === "issues" ? "opened" : action, changes),
      action,
    };
    const { value, color } = toMessage(event, payload).thread.status;
    assert.equal(`${value} ${color}`, status);
  });
}

for (const [event, action, changes, kind, title, body] of /** @type {any[][]} */ ([
  ["issues", "assigned", {}, "activity", "assigned Codertocat"],
  ["issues", "labeled", {}, "activity", "added the label bug"],
  ["issues", "edited", { changes: { title: {}, body: {} } }, "activity", "edited the title and the body"],
  ["issues", "locked", {}, "activity", "locked"],
  ["pull_request", "closed", { pull_request: { merged_at: at } }, "activity", "merged"],
  ["pull_request", "ready_for_review", {}, "activity", "ready for review"],
  ["pull_request", "review_requested", {}, "activity", "asked octocat for a review"],
  ["pull_request", "review_requested", { requested_reviewer: { login: null } }, "activity", "asked for a review"],
  ["pull_request", "labeled", { label: { name: null } }, "activity", "added a label"],
  ["pull_request", "unlabeled", { label: { name: null } }, "activity", "removed a label"],
  ["pull_request", "assigned", { assignee: { login: null } }, "activity", "assigned somebody"],
  ["issues", "milestoned", { milestone: { title: null } }, "activity", "set a milestone"],
  ["issues", "transferred", { changes: { new_issue: null } }, "activity", "transferred"],
  [
    "pull_request_review",
    "submitted",
    { review: { state: "approved", body: "a\n\nb" } },
    "discussion",
    "approved",
    "a<br><br>b",
  ],
  [
    "pull_request_review",
    "submitted",
    { review: { state: "changes_requested", body: null } },
    "activity",
    "asked for changes",
  ],
  ["pull_request_review", "dismissed", {}, "activity", "dismissed a review"],
  ["issue_comment", "created", { comment: { body: "1 < 2\r\n**b**" } }, "discussion", "commented", "1 &lt; 2<br>**b**"],
  ["issue_comment", "edited", { comment: { body: "new" } }, "activity", "edited a comment", "new"],
  ["issue_comment", "created", { comment: { body: null } }, "activity", "commented"],
  ["issue_comment", "deleted", {}, "activity", "deleted a comment"],
  [
    "pull_request_review_comment",
    "created",
    { comment: { body: "why?" } },
    "discussion",
    "commented on README.md",
    "why?",
  ],
])) {
  test(`${event} ${action} ${JSON.stringify(changes)} has the title "${title}"`, () => {
    const message = toMessage(event, payloadOf(event, action, changes));
    assert.deepEqual([message.event, message.title.replaceAll(/<[^>]+>/g, ""), message.body], [kind, title, body]);
  });
}

test("a push of many commits lists the last ten, by the first line of each", () => {
  const [commit] = push.commits;
  const commits = Array.from({ length: 12 }, (_, n) => ({
    ...commit,
    id: `${n + 10}`.padEnd(40, "0"),
    message: `No. ${n}\n\n<b>more`,
  }));
  const { title, body } = toMessage("push", { ...push, created: false, forced: true, commits });
  assert.match(title, /^force-pushed <a href="[^"]+">12 commits<\/a>$/);
  assert.equal(body.match(/<li>/g).length, 10);
  assert.doesNotMatch(body, /No\. 1<|&lt;b/);
  assert.match(body, /1200000<\/code><\/a> No\. 2<\/li>.*No\. 11<\/li><\/ul><p><a href="[^"]+">and 2 more<\/a><\/p>$/);
});

const push = payloads.find((example) => example.event === "push" && example.payload.commits.length === 1).payload;
const older = "6113728f27ae82c7b1a177c8d03f9e96e0adf246";
const moved = { ...push, created: false, deleted: false, commits: [], after: older, head_commit: null };
const tag = { ...moved, ref: "refs/tags/v1" };
for (const [name, payload, title] of [
  ["a force-push to an older commit", { ...moved, forced: true }, "reset the branch to 6113728"],
  [
    "a push that moves a branch to a commit of another branch",
    { ...moved, forced: false },
    "moved the branch to 6113728",
  ],
  ["a push that moves a tag", { ...tag, forced: true }, "moved the tag to 6113728"],
  ["a force-push without its new commit", { ...moved, forced: true, after: undefined }, "reset the branch"],
  ["a push without a list of commits", { ...moved, commits: undefined, forced: false }, "moved the branch to 6113728"],
  ["a push that creates a branch at an old commit", { ...moved, created: true }, "created the branch"],
  ["a force-push of one commit", { ...push, created: false, forced: true }, "force-pushed 1 commit"],
]) {
  test(`${name} has the title "${title}"`, () => {
    const made = toMessage("push", payload);
    assert.equal(made.title.replaceAll(/<[^>]+>/g, ""), title);
    if (title.endsWith("6113728"))
      assert.ok(made.title.includes(`href="${payload.repository.html_url}/commit/${older}"`), made.title);
    assert.deepEqual(unreadable(made), []);
  });
}

const nobody = { name: "ghost", avatar: undefined };
const { pusher } = push;
const comment = payloadOf("issue_comment", "created");
const review = payloadOf("pull_request_review", "submitted");
for (const [name, event, payload, author] of [
  ["a push without a sender", "push", { ...push, sender: undefined }, { name: pusher.name, avatar: undefined }],
  ["a push without a sender and a pusher", "push", { ...push, sender: null, pusher: { name: "" } }, nobody],
  [
    "a pull request without a sender",
    "pull_request",
    { ...payloadOf("pull_request", "opened"), sender: undefined },
    nobody,
  ],
  [
    "a comment by a deleted account",
    "issue_comment",
    { ...comment, sender: null, comment: { ...comment.comment, user: null } },
    nobody,
  ],
  [
    "a review by a deleted account",
    "pull_request_review",
    { ...review, sender: null, review: { ...review.review, user: null } },
    nobody,
  ],
  [
    "an issue whose sender has no avatar",
    "issues",
    payloadOf("issues", "opened", { sender: { login: "Marty", avatar_url: "" } }),
    { name: "Marty", avatar: undefined },
  ],
]) {
  test(`the author of ${name} is ${author.name}`, () => {
    const made = toMessage(event, payload);
    assert.deepEqual({ avatar: undefined, ...made.author }, author);
    assert.deepEqual(unreadable(made), []);
  });
}

test("the text of a deleted item is not shown", () => {
  for (const [event, item] of [
    ["issues", "issue"],
    ["release", "release"],
    ["issue_comment", "comment"],
  ]) {
    const payload = payloadOf(event, "deleted", { [item]: { body: "a password" } });
    assert.doesNotMatch(JSON.stringify(toMessage(event, payload)), /a password/);
  }
});

test("HTML in any text of a payload arrives as text", () => {
  const evil = `<script>alert("1")</script> & </li></ul><img src=x onerror=alert(1)>`;
  const poison = (value, key) => {
    if (Array.isArray(value)) return value.map((item) => poison(item, key));
    if (value === null || typeof value !== "object") return words.includes(key) ? evil : value;
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, poison(item, key)]));
  };
  const words = ["title", "name", "body", "message", "path", "label", "tag_name", "description"];
  for (const { event, payload } of payloads.filter((example) => TOLD.includes(example.event))) {
    const message = toMessage(event, poison(payload, ""));
    assert.deepEqual(validate(message).violations, [], `${event} ${payload.action}`);
    assert.doesNotMatch(JSON.stringify(message), /<(script|img)/);
  }
  const { thread } = toMessage("issues", poison(payloadOf("issues", "opened")));
  assert.equal(
    thread.title,
    "#1 &lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt; &amp; &lt;/li&gt;&lt;/ul&gt;&lt;img src=x onerror=alert(1)&gt;",
  );
});

/** Matches the paths of values that name a thread or say what the event is about. All other values may be null or missing. */
const NAMED =
  /^(action|ref|(repository|issue|pull_request|comment|release|review)(\.(full_name|number|commit_id|id))?)$/;

/** Returns the paths of all values of a payload that toMessage reads. */
function readBy(event, payload) {
  const paths = new Set();
  const watched = (value, path) => {
    if (value === null || typeof value !== "object") return value;
    return new Proxy(value, {
      get(target, key) {
        if (typeof key === "symbol" || !Object.hasOwn(target, key)) return Reflect.get(target, key);
        const inner = path ? `${path}.${key}` : key;
        paths.add(inner);
        return watched(target[key], inner);
      },
    });
  };
  toMessage(event, watched(payload, ""));
  return [...paths];
}

/** Copies a payload with another value at one path. Undefined removes the value. */
function changedAt(payload, path, value) {
  const copy = structuredClone(payload);
  const keys = path.split(".");
  const last = keys.pop();
  const holder = keys.reduce((inner, key) => inner[key], copy);
  if (value === undefined && !Array.isArray(holder)) delete holder[last];
  else holder[last] = value;
  return copy;
}

/** Lists the parts of a message that a person would find odd, such as "undefined" or an empty link. */
function unreadable(message) {
  const titles = [message.title, message.thread.title, ...message.thread.fields.map(({ value }) => value)];
  const texts = [...titles, message.body ?? "", message.thread.body ?? ""].map((html) =>
    html.replaceAll(/<[^>]+>/g, ""),
  );
  const isOdd = (text) => / {2}|^ | $|undefined|null|\[object|NaN/.test(text);
  const empty = /<(a|code|li)\b[^>]*><\/\1>/.exec(JSON.stringify(message));
  return [
    ...validate(message).violations.map(String),
    ...texts.filter(isOdd),
    ...titles.filter((text) => text === ""),
    ...(empty ?? []),
  ];
}

for (const event of TOLD) {
  test(`${event}: the message is readable if any value of the payload is null, missing or empty`, () => {
    let tried = 0;
    for (const { server, payload } of payloads.filter((example) => example.event === event)) {
      for (const path of readBy(event, payload).filter((path) => !NAMED.test(path) && !path.endsWith("length"))) {
        for (const value of [null, undefined, ""]) {
          if (value === "" && typeof path.split(".").reduce((inner, key) => inner[key], payload) !== "string") continue;
          const made = toMessage(event, changedAt(payload, path, value));
          assert.deepEqual(unreadable(made), [], `${server} ${payload.action}: ${path} is ${JSON.stringify(value)}`);
          tried += 1;
        }
      }
    }
    assert.ok(tried > 100, `${tried} were tried`);
  });
}
