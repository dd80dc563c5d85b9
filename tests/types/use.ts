// What TypeScript must take, and what it must refuse: compiled by `tsc`, never run.

import type {
  Activity,
  ErrorCode,
  Message,
  PostResult,
  Report,
  Settled,
  Source,
  Thread,
  Tokens,
  Violation,
  ViolationCode,
} from "flowdock-integration";
import {
  activity,
  authenticationChallenge,
  Client,
  chatMessage,
  checkTitle,
  discussion,
  encode,
  escapeHtml,
  FlowdockApi,
  FlowdockError,
  html,
  messageSchema,
  OAuth,
  readConfigurationUri,
  readSetupUri,
  sanitizeBody,
  thread,
  validate,
  verifyAction,
} from "flowdock-integration";
import * as sameNames from "flowdock-integration/slim";
import { init } from "flowdock-integration/slim";

const item: Thread = thread({
  title: "Polish the flux capacitor",
  status: ["open", "green"],
  fields: { Dustiness: 5, Dry: true },
  actions: [{ name: "Assign", url: "https://example.com/assign", method: "POST" }],
});

const update: Activity = activity({
  author: "Marty",
  title: "updated ticket",
  external_thread_id: "1",
  thread: item,
  tags: "#a, b",
});
discussion({ author: { name: "Marty" }, title: "commented", body: "x", thread_id: "1", thread: { title: "x" } });
const message: Message = chatMessage({ content: "Great Scott!", external_thread_id: "1" });

activity({
  author: "Marty",
  title: html`merged #${42}`,
  external_thread_id: "1",
  body: sanitizeBody("<p>x"),
  thread: item,
});
thread({ title: html`x`, fields: { Branch: html`<a href="${"https://example.com"}">main</a>` } });

// What may be missing may be null or undefined, in parts, messages and options; arrays may be readonly.
function maybe<T>(value?: T): T | undefined {
  return value;
}
const fields = [
  { label: "Dustiness", value: "5" },
  { label: "Dry", value: undefined },
] as const;
const pairs: readonly (readonly [string, number])[] = [["Dustiness", 5]];
const gone = activity({
  author: { name: "Marty", email: null, avatar: maybe<string>() },
  title: "x",
  body: maybe<string>(),
  tags: ["todo"] as const,
  thread_id: null,
  external_thread_id: "1",
  uuid: maybe<string>(),
  thread: {
    title: "x",
    body: null,
    status: ["open", null] as const,
    fields,
    actions: maybe<[]>(),
    external_url: maybe<string>(),
  },
});
thread({ title: "x", fields: pairs, status: { value: "x", color: null } });
chatMessage({
  content: "x",
  external_thread_id: "1",
  author: null,
  thread: null,
  tags: null,
  external_user_name: maybe<string>(),
});
const bare: Message = {
  event: "activity",
  title: "x",
  author: { name: "Marty", email: maybe<string>() },
  external_thread_id: "1",
  uuid: null,
  flow_token: null,
  tags: ["todo"] as const,
  attachments: null,
  thread: { title: "x", fields, actions: null, status: null, external_url: maybe<string>() },
};
encode(gone, { thread: maybe<"optional">() }) + encode(bare);
new Client({
  baseUrl: "https://inbox.example.com",
  flowToken: "x",
  allowHttp: maybe<boolean>(),
  timeoutMs: maybe<number>(),
  retry: maybe<false>(),
  concurrency: maybe<number>(),
  hooks: { onRetry: maybe<() => void>() },
  fetch: maybe<typeof fetch>(),
}).post(bare, { signal: maybe<AbortSignal>(), waitForMessage: maybe<boolean>(), attachments: maybe<Blob[]>() });
new OAuth({
  baseUrl: "https://inbox.example.com",
  clientId: "a",
  clientSecret: maybe<string>(),
  redirectUri: "https://app.example/",
}).authorizeUrl({ scope: ["integration"] as const, state: "x", codeChallenge: maybe<string>() });

const report: Report = validate(JSON.parse("{}"), { thread: "optional" });
const codes: ViolationCode[] = report.violations.map((violation: Violation) => violation.code);
const body: string = encode(update) + escapeHtml("<") + checkTitle("x").length + codes.length;

const client = new Client({ baseUrl: "https://inbox.example.com", flowToken: body, timeoutMs: 5_000, fetch });
const result: Promise<PostResult> = client.post(message, { signal: AbortSignal.timeout(5_000), waitForMessage: true });
client.post(update, { attachments: { file1: new Blob(["x"]), file2: new File(["x"], "x.txt") } });
client.post(update, { attachments: [new Blob(["x"])] });
result
  .then(({ kind }) => kind === "created")
  .catch((error: unknown) => {
    if (!(error instanceof FlowdockError)) throw error;
    const code: ErrorCode = error.code;
    return code === "source_removed" ? error.status : error.fieldErrors?.content;
  });

// An error is narrowed by its code.
function advice(error: FlowdockError): string {
  if (error.code === "invalid_message") return error.violations.map(({ message }) => message).join(", ");
  // @ts-expect-error only an invalid message has violations
  error.violations.length;
  switch (error.code) {
    case "rate_limited":
      return `wait ${error.retryAfterMs ?? 0} ms`;
    case "wasm_unavailable":
      return error.message;
    // @ts-expect-error there is no such code
    case "rate_limit":
      return "";
    default:
      return error.stack ?? error.name;
  }
}
result.catch((error: unknown) => (error instanceof FlowdockError ? advice(error) : ""));
// @ts-expect-error only the package makes errors
new FlowdockError({ code: "network" });

// @ts-expect-error only a URL converts to its text
readSetupUri({ href: "https://app.example/?flow=a" });

init(fetch("core.wasm"));
init(new Uint8Array(1)).then(() => sameNames.validate({}));
// @ts-expect-error a path is no file
init("core.wasm");
const patient = new Client({
  baseUrl: "https://inbox.example.com",
  flowToken: body,
  concurrency: 2,
  retry: { maxAttempts: 9, maxElapsedMs: 600_000, baseMs: 100, capMs: 10_000, maxRetryAfterMs: 60_000 },
  hooks: {
    onRetry: ({ uuid, attempt, waitMs, error }) => console.log(uuid, attempt, waitMs, error.code, error.retryAfterMs),
    onDelivered: ({ uuid, maybeDuplicate }) => console.log(uuid, maybeDuplicate),
    onSourceRemoved: () => {},
  },
});
new Client({ baseUrl: "https://inbox.example.com", flowToken: body, retry: false });
async function backfill(source: AsyncIterable<Message> | Message[]): Promise<number[]> {
  const failed: number[] = [];
  const options = {
    thread: "optional",
    onProgress: ({ done, total }: { done: number; total?: number }) => console.log(done, total),
  } as const;
  for await (const settled of patient.postAll(source, options)) {
    if (settled.status === "rejected") failed.push(settled.index, settled.reason.attempts ?? 0);
    else settled.value.message?.thread?.source?.id satisfies string | number | undefined;
  }
  return failed;
}
const results: AsyncIterable<Settled> = patient.postAll(new Set([message]));
backfill([update]).then(() => results);
if (update.event === "activity") update.thread?.status?.color satisfies string | null | undefined;
messageSchema.$schema;

const oauth = new OAuth({
  baseUrl: "https://inbox.example.com",
  clientId: "a",
  redirectUri: "https://app.example/",
  fetch,
});
async function setUp(request: Request): Promise<string> {
  const { flow } = readSetupUri(request.url);
  const { codeVerifier, codeChallenge } = await OAuth.pkce();
  oauth.authorizeUrl({ scope: ["integration", "a scope of tomorrow"], state: flow, codeChallenge });
  const tokens: Tokens = await oauth.exchangeCode({
    url: new URL(request.url),
    state: flow,
    codeVerifier,
    scope: "integration",
  });
  await oauth.exchangeCode({ code: "copied" });
  if (tokens.refreshToken && (tokens.expiresAt ?? 0) < Date.now()) await oauth.refresh(tokens.refreshToken);
  const api = new FlowdockApi({ baseUrl: "https://inbox.example.com", accessToken: tokens.accessToken });
  const found = await api.findFlow(flow);
  const source: Source = await api.createSource(found, { name: found.name ?? flow });
  await api.updateSource("example/main", source.id, { errorMessage: "" }, { signal: request.signal });
  await api.updateSourceByToken("token", { configurationUrl: "https://app.example/configure" });
  await api.deleteSource(found, readConfigurationUri(request.url).integrationId ?? 1);
  return (await api.createSource(found, { name: "x", externalUrl: "https://app.example/" })).flow_token;
}
async function act(request: Request): Promise<Response> {
  const { userId, action } = await verifyAction(request, { secrets: ["a"], seen: (id, until) => id === String(until) });
  await verifyAction(
    { headers: { host: "x" }, body: new Uint8Array(), url: request.url },
    { secrets: ["a"], expectedUrl: request.url },
  );
  return userId === "7"
    ? Response.json(action.target.httpMethod, { headers: { by: action.agent?.name ?? "" } })
    : authenticationChallenge(await setUp(request));
}
act(new Request("https://app.example/"));

// @ts-expect-error a file is a Blob
client.post(update, { attachments: { file1: "x" } });
// @ts-expect-error no such colour
thread({ title: "x", status: ["open", "gray"] });
// @ts-expect-error a number is not a string
chatMessage({ content: "x", external_thread_id: 42 });
// @ts-expect-error an activity has a title
activity({ author: "Marty", external_thread_id: "1" });
// @ts-expect-error hooks have names
new Client({ baseUrl: "https://inbox.example.com", flowToken: body, hooks: { onRetries() {} } });
// @ts-expect-error a message is no iterable
patient.postAll(message);
// @ts-expect-error no such option
validate({}, { thred: "optional" });
// @ts-expect-error there is no default server
new Client({ flowToken: "x" });
// @ts-expect-error a state protects the user
oauth.authorizeUrl({ scope: "integration" });
// @ts-expect-error a URL comes with the state that it is held against
oauth.exchangeCode({ url: "https://app.example/" });
// @ts-expect-error who verifies needs a secret
verifyAction(new Request("https://app.example/"), {});
