// The option `attachments`: messages with files, posted to the real inbox over HTTP.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { activity, Client } from "flowdock-integration";
import { startFaultProxy } from "./support/fault-proxy.js";
import { startInbox } from "./support/inbox.js";

const waitForMessage = true;
/** A file with each byte value, line breaks, and bytes that look like the end of a multipart form. */
const odd = Uint8Array.from([...Array(256).keys(), 13, 10, 45, 45, 13, 10, 13, 10, 0, 10]);
let inbox;
let client;
let item = 0;

before(async () => {
  inbox = await startInbox();
  client = new Client({ baseUrl: inbox.url, flowToken: inbox.flow_token });
});

after(() => inbox.stop());

/** Builds an activity with a thread that no other activity has. */
const picture = (more) =>
  activity({
    author: "Doc",
    title: "took a picture",
    external_thread_id: `picture ${++item}`,
    thread: { title: "Clock tower" },
    ...more,
  });

async function download({ path }) {
  const response = await fetch(inbox.url + path, { headers: { authorization: `Bearer ${inbox.api_token}` } });
  assert.equal(response.status, 200);
  return new Uint8Array(await response.arrayBuffer());
}

const refusal = (message, attachments) =>
  client.post(message, { attachments }).then(assert.fail, (error) => {
    assert.equal(error.code, "invalid_option", error.stack);
    return error.message;
  });

test("files with ids arrive byte for byte, with their names and types", async () => {
  const attachments = {
    file1: new File([odd], 'Zürich "a" ü😀.png', { type: "image/png" }),
    "a.b-c_d@e": new Blob(["text"], { type: "text/plain" }),
    3: new Blob([]),
  };
  const body = "<p>see</p>\n<img src=\"cid:file1\"> <img src='CID:a.b-c_d@e'>";
  const { message, kind } = await client.post(picture({ body }), { waitForMessage, attachments });
  assert.equal(kind, "created");
  const listed = message.attachments.map(({ path, ...rest }) => rest);
  assert.deepEqual(
    listed.sort((a, b) => b.file_size - a.file_size),
    [
      { content_type: "image/png", content_id: "file1", file_name: 'Zürich "a" ü😀.png', file_size: odd.length },
      { content_type: "text/plain", content_id: "a.b-c_d@e", file_name: "blob", file_size: 4 },
      { content_type: "application/octet-stream", content_id: "3", file_name: "blob", file_size: 0 },
    ],
  );
  const stored = message.attachments.find(({ content_id: id }) => id === "file1");
  assert.deepEqual(await download(stored), odd);
  assert.deepEqual([message.body, message.tags], [body, [":file"]]);
});

test("files without ids may be given as any iterable", async () => {
  for (const attachments of [[new Blob(["a"]), new Blob(["b"])], new Set([new Blob(["a"]), new Blob(["b"])])]) {
    const { message } = await client.post(picture(), { waitForMessage, attachments });
    assert.deepEqual(
      message.attachments.map(({ content_id: id, file_size: size }) => [id, size]),
      [
        [undefined, 1],
        [undefined, 1],
      ],
    );
    assert.equal(new TextDecoder().decode(await download(message.attachments[1])), "b");
  }
  assert.deepEqual((await client.post(picture(), { waitForMessage, attachments: [] })).message.attachments, []);
});

test("`postAll` sends the files with each message, even from an iterator that yields them only once", async () => {
  const attachments = [new Blob(["a"])].values();
  const counts = [];
  for await (const { value } of client.postAll([picture(), picture()], { waitForMessage, attachments })) {
    counts.push(value.message.attachments.length);
  }
  assert.deepEqual(counts, [1, 1]);
});

test("a message sent as a form is stored like one sent as JSON", async () => {
  const message = picture({
    body: "<p>a\nb</p>",
    author: { name: "Doc", email: "doc@example.com" },
    tags: ["todo", "@all"],
    unknown: { list: ["a", "b"], deep: [{ label: "x", more: { a: "b" } }, { label: "y" }] },
    thread: {
      title: '<a href="https://example.com">Clock &amp; tower</a>',
      body: "é 😀\u2028",
      external_url: "https://example.com/1?a[]=b&c",
      status: { value: "open", color: "green" },
      fields: [
        { label: "a", value: "1" },
        { value: "2", label: "b" },
        { value: "", label: "c" },
      ],
      actions: [
        { "@type": "ViewAction", name: "View", url: "https://example.com" },
        {
          name: "Vote",
          "@type": "UpdateAction",
          target: { urlTemplate: "https://example.com/{x}", "@type": "EntryPoint", httpMethod: "POST" },
        },
        {
          target: { urlTemplate: "https://example.com/2", "@type": "EntryPoint", httpMethod: "PUT" },
          "@type": "UpdateAction",
          name: "Other",
        },
      ],
    },
  });
  const stored = async (uuid, options) => {
    const {
      message: {
        id,
        sent,
        uuid: _,
        created_at,
        thread: { activities, updated_at, ...thread },
        tags,
        ...rest
      },
    } = await client.post({ ...message, uuid }, { waitForMessage, ...options });
    return { ...rest, thread, tags: tags.filter((tag) => tag !== ":file"), attachments: [] };
  };
  assert.deepEqual(await stored("form", { attachments: [new Blob(["x"])] }), await stored("json"));
});

test("each attempt sends the same files with the same uuid", async () => {
  const proxy = await startFaultProxy(inbox.url, { script: ["503", "reset before", "reset after", ""] });
  try {
    const patient = new Client({ baseUrl: proxy.url, flowToken: inbox.flow_token, retry: { baseMs: 1 } });
    const large = new Uint8Array(3_000_000).map((_, index) => index * 7 + (index >> 8));
    const attachments = { large: new Blob([large]), odd: new Blob([odd]) };
    const result = await patient.post(picture({ body: '<img src="cid:odd">' }), { attachments });
    assert.deepEqual([result.attempts, result.maybeDuplicate], [4, false]);
    // The inbox stored the message of the third attempt, whose answer was lost, and recognised the fourth.
    const copies = (await inbox.get("/messages")).filter(({ uuid }) => uuid === result.uuid);
    assert.equal(copies.length, 1);
    assert.deepEqual(await Promise.all(copies[0].attachments.map(download)), [large, odd]);
  } finally {
    await proxy.stop();
  }
});

test("files that are too large for the server are not sent again", async () => {
  const attachments = [new Blob([new Uint8Array(11 * 1024 * 1024)])];
  await assert.rejects(client.post(picture(), { attachments }), {
    code: "too_large",
    status: 413,
    attempts: 1,
    retryable: false,
  });
});

test("invalid attachments are refused before anything is sent", async () => {
  const file = new Blob(["x"]);
  const shows = (src) => picture({ body: `<p><img src="${src}"></p>` });
  assert.equal(
    await refusal(shows("cid:other"), { file1: file }),
    "`attachments` have no `other`, which the body names",
  );
  assert.equal(await refusal(shows("cid:file1"), [file]), "`attachments` have no `file1`, which the body names");
  assert.equal(await refusal(shows("cid:file1"), {}), "`attachments` have no `file1`, which the body names");
  assert.match(
    await refusal({ event: "message", content: "x", external_thread_id: "1" }, [file]),
    /not for a chat message/,
  );
  const thrower = {
    get file1() {
      throw new Error("29991");
    },
  };
  for (const attachments of [
    null,
    file,
    "",
    "x",
    5,
    { file1: "text" },
    ["text"],
    [undefined],
    // biome-ignore lint/suspicious/noSparseArray: this tests the hole
    [, file],
    { file1: undefined },
    new Map([["a", file]]),
    { "": file },
    { "a b": file },
    { "a]": file },
    { ü: file },
    { "a\n": file },
    thrower,
    { file1: { ...file } },
  ]) {
    assert.match(
      await refusal(picture(), attachments),
      /^`attachments` must be a list of `Blob`s, or an object with ids/,
    );
  }
  // The message is checked before its attachments.
  await assert.rejects(client.post({ event: "activity" }, { attachments: [file] }), { code: "invalid_message" });
});

test("in a runtime without FormData the error names it", async () => {
  const { FormData } = globalThis;
  delete globalThis.FormData;
  try {
    assert.equal(await refusal(picture(), []), "`attachments` need `FormData`, which this runtime lacks");
    assert.equal((await client.post(picture())).kind, "accepted");
  } finally {
    globalThis.FormData = FormData;
  }
});

test("a caller's own fetch gets the form, and headers without a content type", async () => {
  const seen = [];
  const fetch = async (_url, init) => {
    seen.push(init);
    return new Response("{}", { status: 202 });
  };
  const own = new Client({ baseUrl: "https://inbox.example.com", flowToken: "29991", fetch });
  const { uuid } = await own.post(picture(), { attachments: [new File(["x"], "a.txt")] });
  const [{ body, headers }] = seen;
  assert.ok(body instanceof FormData);
  assert.deepEqual(headers, { Accept: "application/json" });
  assert.deepEqual(
    [body.get("flow_token"), body.get("uuid"), /** @type {File} */ (body.get("attachments[]")).name],
    ["29991", uuid, "a.txt"],
  );
});
