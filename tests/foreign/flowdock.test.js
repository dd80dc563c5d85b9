// Runs npm `flowdock` 0.9.1, a client from the time of Flowdock, against the inbox. The third argument of Session names the inbox.

import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { after, before, test } from "node:test";
import { startInbox } from "../node/support/inbox.js";

const { Session } = createRequire(import.meta.url)("flowdock");

let inbox;
let session;

before(async () => {
  inbox = await startInbox();
  session = newSession(inbox.api_token);
});

after(() => inbox?.stop());

function newSession(apiToken) {
  const session = new Session(apiToken, "", inbox.url);
  // The callbacks receive the errors too, but an `error` event without a listener would end the process.
  session.on("error", () => {});
  return session;
}

/** Calls a method of a session whose last argument is a callback, and returns a promise. */
function call(session, method, ...given) {
  return new Promise((resolve, reject) => {
    session[method](...given, (error, body, response) => {
      if (error) reject(error);
      else resolve({ body, status: response.statusCode });
    });
  });
}

const activity = {
  event: "activity",
  title: "updated ticket",
  author: { name: "Marty" },
  external_thread_id: "1234567",
  thread: { title: "Polish the flux capacitor", status: { color: "green", value: "open" } },
};

test("npm flowdock posts a message to the inbox and reads it", async () => {
  const posted = await call(session, "post", "/messages", { ...activity, flow_token: inbox.flow_token });
  assert.deepEqual(posted, { body: {}, status: 202 });

  const { body: flows } = await call(session, "flows");
  assert.equal(flows.length, 1);
  const [{ id, organization, parameterized_name: flow }] = flows;
  const { body: found } = await call(session, "get", "/flows/find", { id });
  assert.equal(found.url, `${inbox.url}/flows/${organization.parameterized_name}/${flow}`);

  const messages = `/flows/${organization.parameterized_name}/${flow}/messages`;
  const { body: list } = await call(session, "get", messages, { event: "activity", limit: 1 });
  assert.deepEqual(
    list.map(({ event, title }) => [event, title]),
    [["activity", "updated ticket"]],
  );
  const { body: message } = await call(session, "get", `${messages}/${list[0].id}`, {});
  assert.equal(message.thread.title, "Polish the flux capacitor");
});

test("npm flowdock writes chat messages and comments in the owner's name, and finds them", async () => {
  const flow = `${inbox.organization}/${inbox.flow}`;
  const messages = `/flows/${flow}/messages`;
  assert.equal((await call(session, "message", flow, "Great Scott! #time", ["todo"])).status, 202);
  const [said] = (await call(session, "get", messages, { search: "scott great" })).body;
  assert.deepEqual([said.user, said.tags, said.thread_id], ["1", ["todo", "time"], null]);

  assert.equal((await call(session, "comment", flow, said.id, "Heavy", [])).status, 202);
  const [comment] = (await call(session, "get", messages, { limit: 1 })).body;
  assert.deepEqual([comment.content, comment.thread.title], ["Heavy", "Great Scott! #time"]);
  await call(session, "threadMessage", flow, comment.thread_id, "There is that word again", []);
  const { body: thread } = await call(session, "get", `/flows/${flow}/threads/${comment.thread_id}/messages`, {});
  assert.deepEqual(
    thread.map(({ content }) => content),
    ["Great Scott! #time", "Heavy", "There is that word again"],
  );
  assert.equal((await call(session, "get", "/user", {})).body.id, 1);
  await assert.rejects(call(session, "comment", flow, 999, "x", []), /Received status 400/);
  await assert.rejects(call(newSession("unknown"), "message", flow, "x", []), /Received status 401/);
});

test("npm flowdock reports the inbox's refusals", async () => {
  const send = (message) => call(session, "post", "/messages", message);
  await assert.rejects(send({ ...activity, title: "", flow_token: inbox.flow_token }), /Received status 400/);
  await assert.rejects(send({ ...activity, flow_token: "unknown" }), /Received status 404/);
  await assert.rejects(call(newSession("unknown"), "flows"), /Received status 401/);
});

test("npm flowdock removes a source, whose posts then get a 410", async () => {
  const sources = `/flows/${inbox.organization}/${inbox.flow}/sources`;
  const { body: source } = await call(session, "post", sources, { name: "DeLorean", application: 1 });
  const send = () => call(session, "post", "/messages", { ...activity, flow_token: source.flow_token });
  assert.equal((await send()).status, 202);
  assert.equal((await call(session, "delete", `${sources}/${source.id}`)).status, 204);
  await assert.rejects(send(), /Received status 410/);
});
