// The command of the package, as npm installs it, with the real inbox.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { read } from "./support/cases.js";
import { startInbox } from "./support/inbox.js";

const program = fileURLToPath(new URL("../../node_modules/.bin/flowdock-integration", import.meta.url));
const canary = "29991canary29991canary";
// No variable of the test run, of a CI service or of a terminal.
const { PATH, HOME } = process.env;
const bare = { PATH, HOME, GITHUB_ACTOR: "Marty" };
const folder = mkdtempSync(join(tmpdir(), "flowdock-cli-"));
let inbox;
/** The settings for the inbox. */
let settings;

before(async () => {
  inbox = await startInbox();
  settings = { FLOWDOCK_URL: inbox.url, FLOWDOCK_TOKEN: inbox.flow_token };
});

after(async () => {
  rmSync(folder, { recursive: true });
  await inbox.stop();
});

/** Starts the command in a folder of its own, with the inbox as its settings. */
function start(given, env = {}) {
  return spawn(program, given, { cwd: folder, env: { ...bare, ...settings, ...env } });
}

/**
 * Runs the command with a text on standard input. No output may show a token.
 *
 * @param {string[]} given
 * @param {{ input?: string | Buffer, env?: object }} [options]
 */
async function run(given, { input = "", env = {} } = {}) {
  const process = start(given, env);
  // The command may end without reading all of it.
  process.stdin.on("error", () => {});
  process.stdin.end(input);
  const result = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"]) {
    process[name].setEncoding("utf8").on("data", (chunk) => {
      result[name] += chunk;
    });
  }
  const [code] = await once(process, "close");
  for (const secret of [settings.FLOWDOCK_TOKEN, canary])
    assert.ok(!JSON.stringify(result).includes(secret), result.stderr);
  assert.doesNotMatch(result.stderr, /^ +at /m, "no stack trace");
  return { code, ...result };
}

/** Writes a file into the folder of the command. */
function file(name, content) {
  writeFileSync(join(folder, name), content);
  return name;
}

/** Runs the command against a server that answers each request in one way. */
async function runAgainst(answer, given, options) {
  const server = createServer(answer).listen(0, "127.0.0.1");
  await once(server, "listening");
  const env = { FLOWDOCK_URL: `http://127.0.0.1:${server.address().port}`, FLOWDOCK_TOKEN: canary };
  try {
    return await run(given, { ...options, env: { ...env, ...options?.env } });
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

const answering = (status, body) => (_, response) => response.writeHead(status).end(body);
const message = { event: "message", content: "Great Scott!", external_thread_id: "1234567" };
const lines = (...messages) => messages.map((one) => JSON.stringify(one)).join("\n");
const ACCEPTED = /^accepted, uuid [0-9a-f-]{36}\n$/;

test("the first message needs a title only", async () => {
  const { code, stdout, stderr } = await run(["post", "--title", "Hello"]);
  assert.deepEqual({ code, stderr }, { code: 0, stderr: "" });
  assert.match(stdout, ACCEPTED);
  const [stored] = await inbox.get("/messages?limit=1");
  assert.equal(stored.title, "Hello");
  assert.equal(stored.author.name, "Marty");
  assert.equal(stored.thread.title, "Hello");
});

test("messages with the same thread title meet in one thread", async () => {
  for (const title of ["began", "ended"]) await run(["post", "--title", title, "--thread-title", "Race"]);
  const [ended, began] = await inbox.get("/messages?limit=2").then((found) => found.sort((a, b) => b.id - a.id));
  assert.equal(ended.title, "ended");
  assert.equal(ended.thread_id, began.thread_id);
});

test("a chat message without a thread stands in the flow itself, without a warning", async () => {
  const { code, stdout, stderr } = await run(["post", "--content", "-"], { input: "Great Scott!\n" });
  assert.deepEqual({ code, stderr }, { code: 0, stderr: "" });
  assert.match(stdout, ACCEPTED);
  const [stored] = await inbox.get("/messages?limit=1");
  assert.equal(stored.content, "Great Scott!");
  assert.equal(stored.thread_id, null);
});

const described = [
  ["--title", "t", "--external-thread-id", "7", "--author", "Doc", "--author-email", "doc@example.com"],
  ["--title", "t", "--thread-id", "abc"],
  ["--title", "t", "--thread-id", "abc", "--thread-title", "T"],
  ["--title", "t", "--external-thread-id", "7", "--thread", "optional"],
  [
    "--title",
    "a <\nb",
    "--text",
    "--thread-body",
    "x\ny",
    "--body",
    "1\r\n2",
    "--thread-title",
    "<i>",
    "--field",
    "a<b=c=d",
    "--status",
    "up: x:green",
  ],
  [
    "--content",
    "a <b>",
    "--text",
    "--thread-title",
    "T",
    "--tag",
    "a,#B",
    "--tag",
    "@c",
    "--status",
    "up",
    "--link",
    "https://a.example/",
  ],
  [
    "--event",
    "discussion",
    "--title",
    "t",
    "--body",
    "b",
    "--uuid",
    "u1",
    "--author-avatar",
    "https://a.example/a.png",
  ],
  ["--title=-1"],
];
const thread = { title: "7" };
const bodies = [
  { event: "activity", title: "t", author: { name: "Doc", email: "doc@example.com" }, external_thread_id: "7", thread },
  { event: "activity", title: "t", author: { name: "Marty" }, thread_id: "abc" },
  { event: "activity", title: "t", author: { name: "Marty" }, thread_id: "abc", thread: { title: "T" } },
  { event: "activity", title: "t", author: { name: "Marty" }, external_thread_id: "7" },
  {
    event: "activity",
    title: "a &lt; b",
    body: "1<br>2",
    author: { name: "Marty" },
    external_thread_id: "<i>",
    thread: {
      title: "&lt;i&gt;",
      body: "x<br>y",
      status: { value: "up: x", color: "green" },
      fields: [{ label: "a&lt;b", value: "c=d" }],
    },
  },
  {
    event: "message",
    content: "a <b>",
    author: { name: "Marty" },
    external_thread_id: "T",
    tags: ["a", "b", "@c"],
    thread: { title: "T", status: { value: "up" }, external_url: "https://a.example/" },
  },
  {
    event: "discussion",
    title: "t",
    body: "b",
    uuid: "u1",
    author: { name: "Marty", avatar: "https://a.example/a.png" },
    external_thread_id: "t",
    thread: { title: "t" },
  },
  { event: "activity", title: "-1", author: { name: "Marty" }, external_thread_id: "-1", thread: { title: "-1" } },
];
for (const [index, options] of described.entries()) {
  test(`--dry-run prints the body of ${options.join(" ")}`, async () => {
    // It needs no settings, because it sends nothing.
    const env = { FLOWDOCK_URL: "", FLOWDOCK_TOKEN: "" };
    const { code, stdout } = await run(["post", "--dry-run", ...options], { env });
    assert.equal(code, 0);
    assert.deepEqual(JSON.parse(stdout), bodies[index]);
    const json = await run(["post", "--dry-run", "--json", ...options], { env });
    assert.deepEqual(JSON.parse(json.stdout), { bodies: [bodies[index]] });
  });
}

test("a thread that is named by its own id needs a title with its new state", async () => {
  const { code, stderr } = await run(["post", "--title", "t", "--thread-id", "abc", "--status", "open"]);
  assert.equal(code, 1);
  assert.match(stderr, /^<options> error required \/thread\/title: can't be blank\n/);
});

test("the author is who started the CI job, or the user who runs the command", async () => {
  const authorOf = async (env) => JSON.parse((await run(["post", "--dry-run", "--title", "t"], { env })).stdout).author;
  assert.deepEqual(await authorOf({ GITHUB_ACTOR: "", GITLAB_USER_NAME: "Doc Brown" }), { name: "Doc Brown" });
  const { name } = await authorOf({ GITHUB_ACTOR: "" });
  assert.ok(name.length > 0);
});

test("a message with a flow token of its own shows no token", async () => {
  const input = JSON.stringify({ ...message, flow_token: canary });
  for (const given of [["post", "--dry-run"], ["post", "--dry-run", "--json"], ["check", "--json"], ["post"]]) {
    await run(given, { input });
  }
});

test("example prints messages that check and post take, and that of the guide first", async () => {
  const { flow_token: _, ...guide } = read("guide/flux-capacitor.json");
  assert.deepEqual(JSON.parse((await run(["example"])).stdout), guide);
  for (const name of ["activity", "discussion", "message"]) {
    const { stdout: example } = await run(["example", name]);
    assert.equal(JSON.parse(example).event, name);
    assert.deepEqual(await run(["check", "-"], { input: example }), {
      code: 0,
      stdout: "1 message, valid\n",
      stderr: "",
    });
    const { code, stdout } = await run(["post", "-"], { input: example });
    assert.equal(code, 0);
    assert.match(stdout, ACCEPTED);
  }
});

/** What `check` prints for a text, without the last line. */
const FOUND = [
  {
    name: "a message with an indented mistake",
    text: '{\n  "event": "message",\n  "content": "a",\n  "external_thread_id": "1", "thread": { "title": "" }\n}',
    found: "m.json:4:51 error required /thread/title: can't be blank",
  },
  {
    name: "Windows line ends and a byte order mark",
    text: '\ufeff{\r\n"event":"message" }',
    found: "m.json:1:1 error required /content: can't be blank",
  },
  {
    name: "bad JSON",
    text: '{\n "a',
    found: 'm.json:2:4 error invalid_json: is no JSON: expected `"` at the end of the string',
  },
  { name: "an empty file", text: "", found: "m.json:1:1 error invalid_json: is no JSON: expected a value" },
  {
    name: "a twice known key in the second message of an array",
    text: `[ ${JSON.stringify({ ...message, content: '],"}\\' })},\n  {"event":"message","external_thread_id":"1","content":"a","content":"b"} ]`,
    found: "m.json:2:61 error duplicate_key /content",
  },
  {
    name: "a message of an array that is no object",
    text: `[${lines(message)}, 4]`,
    found: "m.json:1:79 error invalid_type: must be an object",
  },
  {
    name: "JSON Lines",
    text: `${lines(message)}\r\n\r\n{"event":"message",\n${lines(message)}`,
    found: "m.json:3:20 error invalid_json",
  },
  {
    name: "half of a surrogate pair",
    text: JSON.stringify({ ...message, content: "\ud83d" }),
    found: "m.json:1:30 warning not_well_formed /content",
  },
  {
    name: "what could command a terminal",
    text: JSON.stringify({ ...message, "a\u001b[31m\u202e\n": 1 }),
    found: "m.json:1:76 warning unknown_field /a\\u001b[31m\\u202e\\n",
  },
];
for (const { name, text, found } of FOUND) {
  test(`check finds ${name}`, async () => {
    const { code, stdout, stderr } = await run(["check", file("m.json", text)]);
    assert.equal(stderr, "");
    assert.ok(
      stdout.split("\n").some((line) => line.startsWith(found)),
      stdout,
    );
    assert.equal(code, found.includes(" error ") ? 1 : 0);
  });
}

test("check reads files in UTF-16, and counts all messages of all files", async () => {
  const utf16 = file("utf16.json", Buffer.from(`\ufeff${JSON.stringify(message)}`, "utf16le"));
  const many = file("many.jsonl", `{\n${lines(message, message, { event: "message" })}\n`);
  const { code, stdout } = await run(["check", utf16, many]);
  assert.equal(code, 1);
  assert.equal(stdout.trimEnd().split("\n").at(-1), "5 messages, 2 invalid: 2 errors, 1 warning");
  const { stdout: none } = await run(["check"], { input: "[]" });
  assert.equal(none, "0 messages, valid\n");
});

test("check --json gives positions in the file", async () => {
  const text = `[${JSON.stringify(message)},\n {"event": "message", "content": 3}]`;
  const { code, stdout } = await run(["check", "--json", file("a.json", text)]);
  assert.equal(code, 1);
  const { messages, ...counts } = JSON.parse(stdout);
  assert.deepEqual(counts, { valid: false, errors: 1, warnings: 1 });
  const [first, second] = messages;
  assert.deepEqual(first, { file: "a.json", line: 1, column: 2, valid: true, violations: [] });
  const { path, at } = second.violations.find(({ severity }) => severity === "error");
  assert.equal(path, "/content");
  assert.equal(text[at.offset], "3");
  assert.equal(text.split("\n")[at.line - 1][at.column - 1], "3");
});

test("check takes the option thread, and a message of options", async () => {
  const { thread: _, ...activity } = { ...read("guide/flux-capacitor.json"), flow_token: undefined };
  const input = JSON.stringify(activity);
  assert.equal((await run(["check"], { input })).code, 1);
  assert.equal((await run(["check", "--thread", "optional"], { input })).code, 0);
  const { code, stdout } = await run(["check", "--title", "<b>"]);
  assert.equal(code, 1);
  assert.match(
    stdout,
    /^<options> error html_tag_not_allowed \/title: `<b>` is not allowed.*\n.*\nFor plain text .* --text\n/,
  );
});

test("check fails for a warning with --strict only", async () => {
  const input = '{ "event": "message", "content": "x", "external_thread_id": "1", "tag": "a" }';
  assert.equal((await run(["check"], { input })).code, 0);
  const { code, stdout } = await run(["check", "--strict"], { input });
  assert.equal(code, 1);
  assert.match(stdout, /1 warning/);
  assert.equal((await run(["check", "--strict", "--json"], { input })).code, 1);
});

test("a token in the wrong place is not shown", async () => {
  const token = settings.FLOWDOCK_TOKEN;
  for (const given of [
    ["post", token],
    ["post", "--title", "x", "--attach", token],
    ["post", "--title", "x", "--token-file", token],
    ["post", "--title", "x", `--${token}`],
    ["check", `${token}.json`],
  ]) {
    // `run` looks for the token in all output.
    const { code, stderr } = await run(given);
    assert.equal(code, 2, stderr);
  }
  const { stderr } = await run(["post", "--title", "x", "--token-file", "another-token"]);
  assert.doesNotMatch(stderr, /another-token/);
});

test("a token that the server repeats in the stored message is not shown", async () => {
  const stored = { id: 1, source: { flow_token: canary }, note: `is ${canary}` };
  const answer = answering(201, JSON.stringify(stored));
  const tokenFile = file("token.txt", canary);
  for (const { given, env } of [
    { given: [], env: {} },
    { given: ["--token-file", tokenFile], env: { FLOWDOCK_TOKEN: "" } },
  ]) {
    const { code, stdout } = await runAgainst(answer, ["post", "--title", "x", "--json", ...given], { env });
    assert.equal(code, 0);
    assert.equal(JSON.parse(stdout).results[0].kind, "created");
  }
});

test("colours are for terminals, unless the environment says otherwise", async () => {
  const input = "{}";
  const isColoured = async (env) => (await run(["check"], { input, env })).stdout.includes("\u001b[31m");
  assert.equal(await isColoured({}), false);
  assert.equal(await isColoured({ FORCE_COLOR: "1" }), true);
  assert.equal(await isColoured({ FORCE_COLOR: "1", NO_COLOR: "1" }), true);
  assert.equal(await isColoured({ FORCE_COLOR: "0" }), false);
});

/** The environment in which the streams of a command are those of a terminal. */
function terminal() {
  file("terminal.cjs", "for (const name of ['stdin', 'stdout', 'stderr']) process[name].isTTY = true;");
  return { NODE_OPTIONS: `--require "${join(folder, "terminal.cjs").replaceAll("\\", "/")}"`, TERM: "xterm" };
}

test("a terminal gets colours, if it can show them", async () => {
  file("m.json", "{}");
  const isColoured = async (env) => (await run(["check", "m.json"], { env })).stdout.includes("\u001b[");
  assert.equal(await isColoured(terminal()), true);
  assert.equal(await isColoured({ ...terminal(), NO_COLOR: "1" }), false);
  assert.equal(await isColoured({ ...terminal(), TERM: "dumb" }), false);
});

test("a terminal gets no control characters of HTML, and a program gets the HTML as it is", async () => {
  file("page.html", "<p>a\u001b]0;x\u0007\tb\u202e</p>\n");
  assert.equal((await run(["sanitize", "page.html"])).stdout, "<p>a\u001b]0;x\u0007\tb\u202e</p>\n");
  const { stdout } = await run(["sanitize", "page.html"], { env: terminal() });
  assert.equal(stdout, "<p>a\\u001b]0;x\\u0007\tb\\u202e</p>\n");
});

test("with a terminal as standard input the command prints its help, and does not wait", async () => {
  const { code, stderr } = await run(["post"], { env: terminal() });
  assert.equal(code, 2);
  assert.match(stderr, /nothing to read.*\n\nUsage: flowdock-integration post/);
});

test("sanitize rewrites a body or a title", async () => {
  const input = "<p>Deploy</p><p onclick=x><u>failed</u></p><script>x</script>\n";
  const { stdout, code } = await run(["sanitize"], { input });
  assert.deepEqual({ stdout, code }, { stdout: "<p>Deploy</p><p><ins>failed</ins></p>\n", code: 0 });
  assert.equal((await run(["sanitize", "--as", "title"], { input })).stdout, "Deploy failed\n");
  const json = JSON.parse((await run(["sanitize", "--as=title", "--json", file("a.html", "<b>x")])).stdout);
  assert.equal(json.html, "x");
  assert.equal(json.isChanged, true);
  assert.deepEqual(
    json.violations.map(({ code }) => code),
    ["html_tag_not_allowed"],
  );
});

test("many messages are posted, each with its result", async () => {
  const { code, stdout } = await run(["post", file("two.json", `[${lines(message)},\n${lines(message)}]`)]);
  assert.equal(code, 0);
  const sorted = stdout.trimEnd().split("\n").sort();
  assert.match(sorted[0], /^2 posted, 0 failed$/);
  assert.match(sorted[1], /^two\.json:1:2: accepted, uuid /);
  assert.match(sorted[2], /^two\.json:2:1: accepted, uuid /);
  const { stdout: json } = await run(["post", "--json", "two.json"]);
  const { posted, failed, results } = JSON.parse(json);
  assert.deepEqual({ posted, failed }, { posted: 2, failed: 0 });
  assert.deepEqual(
    results.map(({ file, line, status, kind }) => [file, line, status, kind]),
    [
      ["two.json", 1, "posted", "accepted"],
      ["two.json", 2, "posted", "accepted"],
    ],
  );
});

test("if one message breaks a rule, nothing is posted", async () => {
  const before = await inbox.get("/messages?limit=1");
  const input = lines(message, { ...message, content: "" });
  const { code, stdout, stderr } = await run(["post"], { input });
  assert.deepEqual({ code, stdout }, { code: 1, stdout: "" });
  assert.match(
    stderr,
    /^<stdin>:2:30 error required \/content: can't be blank\n2 messages, 1 invalid: 1 error; nothing was posted\n$/,
  );
  const json = JSON.parse((await run(["post", "--json"], { input })).stdout);
  assert.deepEqual(
    json.results.map(({ status }) => status),
    ["not_sent", "invalid"],
  );
  assert.deepEqual(await inbox.get("/messages?limit=1"), before);
});

test("warnings are shown, and stop nothing", async () => {
  const { code, stdout, stderr } = await run(["post"], { input: JSON.stringify({ ...message, tag: "x" }) });
  assert.equal(code, 0);
  assert.match(stdout, ACCEPTED);
  assert.match(stderr, /^<stdin>:1:\d+ warning unknown_field \/tag: is not a known key, did you mean `\/tags`\n$/);
});

test("files are sent, and may have ids", async () => {
  file("load.png", "png");
  file("log.txt", "log");
  const post = (...given) => run(["post", "--title", "t", ...given]);
  assert.match((await post("--attach", "load.png", "--attach", "log.txt")).stdout, ACCEPTED);
  assert.match((await post("--body", '<img src="cid:load" alt="Load">', "--attach", "load=load.png")).stdout, ACCEPTED);
  const [{ attachments }] = await inbox.get("/messages?limit=1");
  assert.equal(attachments[0].file_name, "load.png");
  assert.equal(attachments[0].content_type, "image/png");
  /** @type {[string[], RegExp][]} */
  const refused = [
    [["--attach", "a=load.png", "--attach", "log.txt"], /give all files of --attach an id, or none/],
    [["--attach", "a=load.png", "--attach", "a=log.txt"], /two files of --attach have the same id/],
    [["--attach", "a=none.png"], /none\.png cannot be read: there is no such file/],
    [["--attach", "."], /\. cannot be read: it is a folder/],
    [["--content", "c", "--attach", "log.txt"], /invalid_option/],
  ];
  for (const [given, said] of refused) {
    const { code, stderr } = await post(...given);
    assert.equal(code, 2, stderr);
    assert.match(stderr, said);
  }
  assert.equal((await run(["post", "--attach", "log.txt"], { input: lines(message, message) })).code, 2);
});

const unset = { FLOWDOCK_URL: "", FLOWDOCK_TOKEN: "" };
const WRONG = [
  { given: [], says: /^Builds, checks and posts/ },
  { given: ["chek"], says: /there is no such command; the commands are post, check, sanitize, example/ },
  { given: ["post", "--titel", "x"], says: /there is no option --titel; the command with --help lists its options/ },
  { given: ["post", "--title"], says: /--title needs a value: --title <html>/ },
  {
    given: ["post", "--title", "--text"],
    says: /--title needs a value\. For a value that begins with a dash, write --title=<html>/,
  },
  { given: ["post", "--text=yes"], says: /--text takes no value/ },
  {
    given: ["post", "--token", canary, "--title", "x"],
    says: /--token is refused: other users of this machine can see/,
  },
  { given: ["post", `--flow-token=${canary}`], says: /--flow-token is refused/ },
  { given: ["post", "--title", "x", "--event", "chat"], says: /--event must be activity, discussion or message/ },
  { given: ["post", "--title", "x", "--field", "a"], says: /--field needs a label and a value/ },
  { given: ["post", "--title", "x", "a.json"], says: /from files or from options, not from both/ },
  { given: ["post", "--title", "x", "--timeout-ms", "1s"], says: /--timeout-ms needs a number of milliseconds/ },
  { given: ["post", "--title", "x", "--timeout-ms", "0"], says: /invalid_option: --timeout-ms/ },
  { given: ["post", "--title", "x", "--url", "inbox"], says: /invalid_option: FLOWDOCK_URL must begin with/ },
  { given: ["post", "--title", "x"], env: unset, says: /set FLOWDOCK_URL to .* and FLOWDOCK_TOKEN to / },
  { given: ["post", "--title", "x"], env: { FLOWDOCK_URL: "" }, says: /FLOWDOCK_URL is not set: .* --url/ },
  { given: ["post", "--title", "x"], env: { FLOWDOCK_TOKEN: "" }, says: /FLOWDOCK_TOKEN is not set: .* --token-file/ },
  {
    given: ["post", "--title", "x", "--token-file", "no"],
    says: /the file of --token-file cannot be read; .* not the token/,
  },
  { given: ["check", "--thread", "maybe"], says: /--thread must be optional or required/ },
  { given: ["check", "none.json"], says: /none\.json cannot be read: there is no such file/ },
  { given: ["check", "."], says: /\. cannot be read: it is a folder/ },
  { given: ["check", "-", "-"], says: /standard input can be read only once/ },
  { given: ["check"], input: Buffer.from([0x22, 0xff, 0x22]), says: /<stdin> cannot be read: it is no text in UTF-8/ },
  {
    given: ["check"],
    input: " ".repeat(2 ** 24 + 1),
    says: /<stdin> cannot be read: it has more than 16777216 characters/,
  },
  {
    given: ["check"],
    input: " ".repeat(2 ** 26),
    says: /<stdin> cannot be read: it has more than 16777216 characters/,
  },
  { given: ["sanitize", "--as", "html"], says: /--as must be body or title/ },
  { given: ["sanitize", "a", "b"], says: /sanitize takes one file/ },
  { given: ["example", "guide"], says: /the examples are activity, discussion and message/ },
];
for (const [index, { given, says, ...options }] of WRONG.entries()) {
  test(`wrong use ${index + 1} ends with 2 and says: ${says.source}`, async () => {
    const { code, stdout, stderr } = await run(given, options);
    assert.deepEqual({ code, stdout }, { code: 2, stdout: "" });
    assert.match(stderr, says);
    if (given.length === 0) return;
    assert.equal(stderr.trimEnd().split("\n").length, 1, stderr);
    const json = await run([...given, "--json"], options);
    assert.deepEqual({ code: json.code, stderr: json.stderr }, { code: 2, stderr: "" });
    assert.match(JSON.parse(json.stdout).error.code, /^(wrong_use|invalid_option)$/);
  });
}

test("the token may come from a file or from standard input", async () => {
  const env = { FLOWDOCK_TOKEN: "" };
  file("token.txt", `${inbox.flow_token}\n`);
  assert.match((await run(["post", "--title", "x", "--token-file", "token.txt"], { env })).stdout, ACCEPTED);
  const input = `${inbox.flow_token}\r\n`;
  assert.match((await run(["post", "--title", "x", "--token-file", "-"], { env, input })).stdout, ACCEPTED);
  assert.match((await run(["post", "--title", "x", "--token-file", "-"], { env })).stderr, /--token-file is empty/);
});

test("--help and --version", async () => {
  const folder = new URL("../../node_modules/flowdock-integration/", import.meta.url);
  const { version } = JSON.parse(readFileSync(new URL("package.json", folder), "utf8"));
  assert.deepEqual(await run(["--version"]), { code: 0, stdout: `${version}\n`, stderr: "" });
  const { code, stdout } = await run(["--help"]);
  assert.equal(code, 0);
  for (const name of ["post", "check", "sanitize", "example"]) {
    assert.match(stdout, new RegExp(`^  ${name} `, "m"));
    for (const flag of ["--help", "-h"]) {
      const help = await run([name, flag]);
      assert.deepEqual({ code: help.code, stderr: help.stderr }, { code: 0, stderr: "" });
      assert.match(help.stdout, new RegExp(`^Usage: flowdock-integration ${name}`));
      for (const line of help.stdout.split("\n")) assert.ok(line.length <= 120, line);
    }
  }
});

test("an unknown token is refused in one line that says what to do", async () => {
  const env = { FLOWDOCK_TOKEN: canary };
  const { code, stdout, stderr } = await run(["post", "--title", "x"], { env });
  assert.deepEqual({ code, stdout }, { code: 1, stdout: "" });
  assert.match(
    stderr,
    /^error not_found: .* \(404\).*; compare FLOWDOCK_URL and FLOWDOCK_TOKEN with those of the source\n$/,
  );
  const { error } = JSON.parse((await run(["post", "--title", "x", "--json"], { env })).stdout).results[0];
  assert.equal(error.code, "not_found");
  assert.equal(error.status, 404);
  assert.match(error.remedy, /FLOWDOCK_TOKEN/);
});

for (const [status, code] of [
  [401, "unauthorized"],
  [403, "forbidden"],
  [413, "too_large"],
  [302, "redirect_refused"],
  [501, "server"],
]) {
  test(`a ${status} whose reason has the token, lines and colours is one line without them`, async () => {
    const said = JSON.stringify({ message: `no ${canary}\n\u001b[31m at all` });
    const { stderr } = await runAgainst(answering(status, said), ["post", "--title", "x"]);
    assert.match(stderr, new RegExp(`^error ${code}: [^\\n\\u001b]+; [^\\n\\u001b]+\\n$`));
  });
}

test("a removed source is said once, for all messages", async () => {
  const input = lines(...Array.from({ length: 50 }, () => message));
  const { code, stdout, stderr } = await runAgainst(answering(410, "{}"), ["post"], { input });
  assert.deepEqual({ code, stdout }, { code: 1, stdout: "0 posted, 50 failed\n" });
  assert.match(
    stderr,
    /^<stdin>:\d+:1: error source_removed: a user removed the source: [^\n]+; delete its flow token [^\n]+\n$/,
  );
});

test("a retry is said, and the exit code is that of the end", async () => {
  const statuses = [503, 202];
  const { code, stdout, stderr } = await runAgainst(
    (_, response) => response.writeHead(statuses.shift()).end("{}"),
    ["post", "--title", "x"],
  );
  assert.equal(code, 0);
  assert.match(stderr, /^request 1 failed: the server failed \(503\); the next one in \d+\.\d s\n$/);
  assert.match(stdout, /^accepted, uuid [0-9a-f-]{36}; it may have been stored twice\n$/);
});

for (const [signal, exit] of [
  ["SIGINT", 130],
  ["SIGTERM", 143],
]) {
  test(`${signal} ends a post, and the command says that the message may have been stored`, async () => {
    let command;
    // The server has the message, and does not answer.
    const server = createServer((request) => request.resume().on("end", () => command.kill(signal))).listen(
      0,
      "127.0.0.1",
    );
    await once(server, "listening");
    const env = { FLOWDOCK_URL: `http://127.0.0.1:${server.address().port}` };
    command = start(["post", "--title", "x", "--uuid", "u1"], env);
    let stderr = "";
    command.stderr.on("data", (chunk) => {
      stderr += chunk;
    });
    const [code] = await once(command, "close");
    server.closeAllConnections();
    server.close();
    assert.equal(code, exit);
    assert.match(stderr, /^error aborted: .*The message may have been stored all the same, with the uuid u1\n$/);
  });
}

test("SIGINT before anything was sent says that the message was not stored", async () => {
  const command = start(["post", "--title", "x"], { FLOWDOCK_URL: `http://127.0.0.1:${await closedPort()}` });
  let stderr = "";
  command.stderr.on("data", (chunk) => {
    // The command waits for its next attempt.
    if (stderr === "") command.kill("SIGINT");
    stderr += chunk;
  });
  const [code] = await once(command, "close");
  assert.equal(code, 130);
  assert.match(stderr, /ECONNREFUSED.*\nerror aborted: [^\n]*; the message was not stored\n$/s);
});

/** A port on which nobody listens. */
async function closedPort() {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address();
  server.close();
  return port;
}

test("a reader that goes away ends nothing but the output", async () => {
  const many = file("many.jsonl", `${lines(...Array.from({ length: 5_000 }, () => ({})))}\n`);
  for (const [given, expected] of [
    [["check", many], 1],
    [["post", "--title", "x"], 0],
  ]) {
    const command = start(given);
    command.stdout.destroy();
    let stderr = "";
    command.stderr.on("data", (chunk) => {
      stderr += chunk;
    });
    const [code] = await once(command, "close");
    assert.deepEqual({ code, stderr }, { code: expected, stderr: "" });
  }
});

test("the library does not bring the command, and the command does not bring the library twice", () => {
  const folder = fileURLToPath(new URL("../../node_modules/flowdock-integration/", import.meta.url));
  const mentions = readdirSync(folder).filter(
    (name) => /\.c?js$/.test(name) && /parseArgs|cli\.js/.test(readFileSync(join(folder, name), "utf8")),
  );
  assert.deepEqual(mentions, ["cli.js"]);
  const command = readFileSync(join(folder, "cli.js"), "utf8");
  assert.ok(command.startsWith("#!/usr/bin/env node\n"));
  assert.ok(command.length < 50_000);
  assert.match(command, /from "\.\/index\.js"/);
});
