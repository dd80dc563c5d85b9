// What stands above the line "generated" is written by hand; `cargo xtask build` writes the rest from the rule table.

/**
 * Checks a message and lists every rule that it breaks, at most a thousand times. Never throws for a bad message, whatever
 * it is.
 *
 * @throws {FlowdockError} `invalid_option` for an option that is not known or of no use.
 */
export function validate(message: unknown, options?: CheckOptions): Report;

/**
 * Checks a message in the form of JSON text, such as a file. Each violation has its position in the text, `at`, so that an editor or a
 * command line can point at it. A text that is no JSON has one violation, `invalid_json`, where it stops being JSON.
 *
 * @example
 * for (const { at, message } of validateJson(text).violations) console.log(`message.json:${at?.line}:${at?.column} ${message}`);
 * @throws {FlowdockError} `invalid_option` when the text is no string of at most 16,777,216 UTF-16 code units, or an option is not one
 *   that this knows.
 */
export function validateJson(text: string, options?: CheckOptions): Report;

/**
 * The JSON body to post, as JSON.stringify would write it. A flow token is not added; the {@link Client} does that.
 *
 * @throws {FlowdockError} `invalid_message` when the message breaks a rule, with the `violations`; `invalid_option`.
 */
export function encode(message: Message, options?: CheckOptions): string;

/**
 * Builds an activity, something that happened to the item, from what is handy.
 *
 * @example
 * activity({
 *   author: "Marty",
 *   title: "updated ticket",
 *   external_thread_id: "1234567",
 *   thread: { title: "Polish the flux capacitor", fields: { Dustiness: 5 }, status: ["open", "green"] },
 * });
 *
 * @throws {FlowdockError} `invalid_message` when the message breaks a rule, with the `violations`.
 */
export function activity(parts: ActivityParts, options?: CheckOptions): Activity;

/**
 * Builds a discussion, somebody's comment on the item outside Flowdock; see {@link activity}.
 *
 * @throws {FlowdockError} `invalid_message` when the message breaks a rule, with the `violations`.
 */
export function discussion(parts: DiscussionParts, options?: CheckOptions): Discussion;

/**
 * Builds a chat message in the item's thread; see {@link activity}.
 *
 * @throws {FlowdockError} `invalid_message` when the message breaks a rule, with the `violations`.
 */
export function chatMessage(parts: ChatMessageParts, options?: CheckOptions): ChatMessage;

/**
 * Builds a thread, the item's latest state, to be put into several messages.
 *
 * @throws {FlowdockError} `invalid_message` when the thread breaks a rule, with the `violations`.
 */
export function thread(parts: ThreadParts): Thread;

/** Checks a title, a field's label or its value by itself: HTML that allows `a` only. The paths are empty. */
export function checkTitle(html: string): Violation[];

/** Checks a body by itself. The paths are empty. */
export function checkBody(html: string): Violation[];

/**
 * Writes a title anew with nothing in it but text and links: what a browser builds of it is what stands there, and
 * `checkTitle` finds nothing in it. The text of other elements stays; scripts, styles and the like go with their content.
 */
export function sanitizeTitle(html: string): string;

/**
 * Writes a body anew with nothing in it but the elements and attributes that a body allows; see {@link sanitizeTitle}. Elements of the same meaning are written for some that
 * it does not allow: `s` becomes `del`, `u` becomes `ins`, `mark` becomes `b`.
 *
 * Set as the `innerHTML` of an element, it stays inside: of any but `table`, `tr`, `svg` and `math`, in a document of HTML. As markup,
 * written into a page by a server, it stays inside `div`, `td`, `th`, `caption`, `button`, `span`, `b`, `pre`, `section`, `article`,
 * `label`, `form`, `li` and `dd`. It does not stay inside `a`, a heading or `p`, whose end its own links, headings and blocks are; nor
 * in an attribute, for which it has to be escaped; nor is it XHTML.
 */
export function sanitizeBody(html: string): string;

/**
 * Writes HTML for a message, with each value escaped by the place where it stands: in text, in a quoted attribute, and in an
 * attribute that holds a URL, whose scheme must be http, https, mailto or, for `src`, cid. An array is written item by item, null and
 * undefined as nothing. Fragments made by this tag nest as they are; in an attribute they are text.
 *
 * @example
 * activity({ title: html`merged <a href="${url}">#${number}</a>`, … })
 *
 * @throws {FlowdockError} `invalid_option` for a value in any other place (a tag's or an attribute's name, a comment), for an element
 * or attribute that no body allows or that stands without quotes, for a URL that is not allowed, and for a value that has no text.
 */
export function html(strings: TemplateStringsArray, ...values: unknown[]): SafeHtml;

/** HTML that the tag `html` made. A message takes it wherever it takes HTML. */
export interface SafeHtml {
  toString(): string;
  toJSON(): string;
}

/** Writes a text as HTML that shows it, in element content and in a quoted attribute. */
export function escapeHtml(text: string): string;

/** The rules as a JSON Schema (draft 2020-12), for editors and other languages. `validate` knows more. */
export const messageSchema: Readonly<Record<string, unknown>>;

/**
 * Posts messages into the flow of one source.
 *
 * In Cloudflare Workers make one for each request, or keep it in a Durable Object. The runtime lets no request wait for
 * another: with a client that they share, a post that would wait for one of another request ends that request with an error,
 * and a request that is cancelled never gives its place to anybody.
 */
export class Client {
  /** @throws {FlowdockError} `invalid_option`, which names the option. */
  constructor(options: ClientOptions);

  /**
   * Checks a message and posts it. What may pass (no connection, no answer in time, 408, 425, 429, 5xx but 501 and 505) is
   * tried again with the same uuid, as {@link RetryOptions} says. Messages of one thread go one after another, in the order
   * of the calls, since each holds its thread's full state; others overtake them.
   *
   * Rejects with a {@link FlowdockError}. On `source_removed` (410) a user removed the source: nothing more is sent to it.
   * What waits and every further post fails at once; what is on its way then has its own answer, and is not tried again.
   * Delete what you stored for the source.
   */
  post(message: Message, options?: PostOptions): Promise<PostResult>;

  /**
   * Posts the messages of an iterable, even an endless one, and gives the results as they settle, with the index of each.
   * At most sixteen messages are taken ahead for each of the requests that may run at a time, and eight more, but none while you
   * do not ask for results. To leave the loop ends what is open; what was on its way may have been stored.
   *
   * A message that fails does not end the loop. What the source throws does, when everything taken from it has settled.
   *
   * @example
   * for await (const { index, status, reason } of client.postAll(messages)) {
   *   if (status === "rejected") console.error(index, reason.code);
   * }
   *
   * @throws {FlowdockError} `invalid_option`.
   */
  postAll(messages: Iterable<Message> | AsyncIterable<Message>, options?: PostAllOptions): AsyncGenerator<Settled, void, undefined>;
}

export interface ClientOptions {
  /**
   * The server: https, or http on a loopback address. There is no default, because the guide's host no longer answers for
   * Flowdock, and a token must not go to whoever holds that name one day.
   */
  baseUrl: string;
  /**
   * The source's token. In a page everybody who opens it can read it. A message that has a `flow_token` of its own keeps it.
   */
  flowToken: string;
  /** Allows plain http to other hosts, where everybody on the way can read the token. Default: false. */
  allowHttp?: boolean | undefined;
  /**
   * The time that one request may take, its answer's body included, in milliseconds, at least 1. Default: 10 000. Once the
   * status is there it counts, even if the body never ends.
   */
  timeoutMs?: number | undefined;
  /** Whether and how a message that failed is tried again; `false` makes one request a message. */
  retry?: RetryOptions | false | undefined;
  /** The most requests on their way at a time, at least 1. A message that waits for its next try takes no place. Default: 4. */
  concurrency?: number | undefined;
  /** Functions that are told what happens. What they throw changes nothing. */
  hooks?: Hooks | undefined;
  /**
   * A fetch of your own, called without a `this`: for a service binding, `(url, init) => env.INBOX.fetch(url, init)`.
   * Default: the runtime's.
   */
  fetch?: ((url: string, init: RequestInit) => Response | Promise<Response>) | undefined;
}

/** How a message that failed is tried again. */
export interface RetryOptions {
  /** The most requests for one message, the first included. Default: 6. */
  maxAttempts?: number | undefined;
  /** The most milliseconds for one message, from its first request to its last answer. Default: 120 000. */
  maxElapsedMs?: number | undefined;
  /** The longest first wait, in milliseconds. It doubles with every try, and a random part of it is waited. Default: 500. */
  baseMs?: number | undefined;
  /** The longest wait that the server did not ask for, in milliseconds. Default: 30 000. */
  capMs?: number | undefined;
  /**
   * The longest `Retry-After` that is waited for, in milliseconds; a message that is asked to wait longer fails.
   * Default: 120 000. In a page it cannot be read, unless the server exposes it.
   */
  maxRetryAfterMs?: number | undefined;
}

/** None of them is given the token or a message's text. */
export interface Hooks {
  /** A request goes out, the first or a further one. */
  onAttempt?: ((event: { uuid: string; attempt: number }) => void) | undefined;
  /** It failed, and there will be another in so many milliseconds. */
  onRetry?: ((event: { uuid: string; attempt: number; waitMs: number; error: FlowdockError }) => void) | undefined;
  /** A message was posted. */
  onDelivered?: ((event: Omit<PostResult, "message">) => void) | undefined;
  /** A message that was checked could not be posted. */
  onFailed?: ((event: { uuid: string; error: FlowdockError }) => void) | undefined;
  /** A user removed the source (410): delete what you stored for it. Called once. */
  onSourceRemoved?: (() => void) | undefined;
}

export interface PostAllOptions extends PostOptions {
  /** Gives up what is open and takes no more from the source; then the results end. */
  signal?: AbortSignal | null | undefined;
  /** Called as each message settles; `done` counts the failed ones as well, `total` is there when the source has a length. */
  onProgress?: ((progress: { done: number; failed: number; total?: number }) => void) | undefined;
}

/** What became of one message of {@link Client.postAll}; `index` is its place in the source, from 0. */
export type Settled =
  | { index: number; status: "fulfilled"; value: PostResult; reason?: undefined }
  | { index: number; status: "rejected"; reason: FlowdockError; value?: undefined };

export interface PostOptions extends CheckOptions {
  /** Gives the message up, whatever it waits for. */
  signal?: AbortSignal | null | undefined;
  /**
   * Asks the server to answer with the stored message. In a page the header for this fails the preflight that Flowdock
   * documents. Default: false.
   */
  waitForMessage?: boolean | undefined;
  /**
   * Files that go with an activity or a discussion: an object with one for each id, by which the body shows it
   * (`<img src="cid:file1">`), or an array of files without ids. With `postAll` they go with each message.
   *
   * The message is then sent as `multipart/form-data`, in which null, empty arrays and empty objects cannot stand and are left
   * out; the files take the place of the message's own `attachments`. A `File` keeps its name, a `Blob` is called `blob`. Each
   * request sends them again, so `timeoutMs` has to be enough for all of them.
   *
   * An id is made of ASCII letters, digits and `._@-`. One that the body names and that is not there is an `invalid_option`, and
   * so are attachments of a chat message, in a runtime without `FormData`, or with a `fetch` that does not know the global one.
   *
   * @example
   * await client.post(activity({ ...parts, body: '<img src="cid:chart" alt="Load">' }), {
   *   attachments: { chart: new File([png], "load.png", { type: "image/png" }) },
   * });
   */
  attachments?: Readonly<Record<string, Blob>> | Iterable<Blob> | undefined;
}

export interface CheckOptions {
  /** `optional` lets `thread` be missing, for a thread that exists already. Default: `required`. */
  thread?: "required" | "optional" | undefined;
}

export interface PostResult {
  /** `accepted`: the server took the message; `created`: it answered with the stored message. */
  kind: "accepted" | "created";
  /** The message's uuid: its own, or the one it was given. */
  uuid: string;
  /** How many requests it took. */
  attempts: number;
  /** Whether an earlier request may have been stored as well, because it failed after it had left. */
  maybeDuplicate: boolean;
  /** The stored message, when `kind` is `created`. */
  message?: StoredMessage;
}

/** A message as the server has it. What is not known stands in it as well, and hardly anything is sure to be there. */
export interface StoredMessage {
  /** The message's number, rising within the flow. */
  id: number | string;
  event: string;
  uuid?: string | null;
  thread_id?: string;
  external_thread_id?: string;
  thread?: StoredThread;
  title?: string;
  body?: string | null;
  content?: unknown;
  author?: Partial<Author> | null;
  tags?: string[];
  /** The user's id; "0" for an integration. */
  user?: string | number | null;
  flow?: string;
  /** Milliseconds since 1970. */
  sent?: number;
  /** ISO 8601, or milliseconds since 1970. */
  created_at?: string | number;
  [key: string]: unknown;
}

/** A thread as the server has it. */
export interface StoredThread {
  id?: string;
  title?: string;
  body?: string | null;
  external_url?: string | null;
  status?: Status | null;
  fields?: Field[] | null;
  actions?: Action[] | null;
  source?: StoredSource | null;
  /** ISO 8601, or milliseconds since 1970. */
  created_at?: string | number;
  updated_at?: string | number;
  [key: string]: unknown;
}

/** Where a thread comes from. Both shapes were seen: with the application's name and icon beside the id, and within. */
export interface StoredSource {
  id?: string | number;
  name?: string;
  url?: string | null;
  icon?: unknown;
  application?: unknown;
  [key: string]: unknown;
}

/**
 * Asks users for permission by OAuth 2.0 (authorisation code). The way is that of the guide: the user comes to your setup URI
 * ({@link readSetupUri}), you send the browser to {@link OAuth.authorizeUrl}, it comes back with a code, and
 * {@link OAuth.exchangeCode} makes tokens of it.
 *
 * A client secret must not stand in a page or an extension: whoever has it speaks for your application and signs actions. Use
 * {@link OAuth.pkce} there, with servers that know it.
 */
export class OAuth {
  /** @throws {FlowdockError} `invalid_option`, which names the option. */
  constructor(options: OAuthOptions);

  /** A code verifier for PKCE (RFC 7636) and its challenge. Keep the verifier for the user; the challenge goes into the URL. */
  static pkce(): Promise<{ codeVerifier: string; codeChallenge: string }>;

  /**
   * Where to send the user's browser.
   *
   * @example
   * const state = crypto.randomUUID(); // keep it for this user, in a cookie that scripts cannot read
   * Response.redirect(oauth.authorizeUrl({ scope: ["integration", "offline_access"], state }));
   *
   * @throws {FlowdockError} `invalid_option`, also without a `state`.
   */
  authorizeUrl(wanted: Authorization): string;

  /**
   * Exchanges the code with which a user came back.
   *
   * Rejects with a {@link FlowdockError}: `state_mismatch` when the user did not begin it in this browser, `access_denied`,
   * `invalid_grant` for a code that was used or has expired, `scope_missing`, `unauthorized` for a wrong client id or secret.
   */
  exchangeCode(callback: Callback): Promise<Tokens>;

  /**
   * The next tokens. The answer always has the refresh token to keep: the new one, or this one where it stays good. A call
   * with a refresh token that is on its way already, in this object, waits for the same answer.
   *
   * Rejects with a {@link FlowdockError}, `invalid_grant` when the token was used, revoked or has expired: ask the user again.
   */
  refresh(refreshToken: string): Promise<Tokens & { refreshToken: string }>;
}

export interface OAuthOptions extends RequestOptions {
  /** The id that the application was registered with. */
  clientId: string;
  /** Its secret, for a server: never in a page or an extension. */
  clientSecret?: string | undefined;
  /** Where users come back to: one of the registered URIs, or `urn:ietf:wg:oauth:2.0:oob`, when they copy the code. */
  redirectUri: string;
}

/** What all that makes requests has to know. */
export interface RequestOptions {
  /** The server: https, or http on a loopback address. There is no default. */
  baseUrl: string;
  /** Allows plain http to other hosts, where everybody on the way can read the token. Default: false. */
  allowHttp?: boolean | undefined;
  /** The time that one request may take, its answer's body included, in milliseconds, at least 1. Default: 10 000. */
  timeoutMs?: number | undefined;
  /** A fetch of your own, called without a `this`. Default: the runtime's. */
  fetch?: ClientOptions["fetch"];
}

/** Scopes that Flowdock documents; a source needs `integration`, a refresh token `offline_access`. */
export type Scope = "flow" | "private" | "manage" | "profile" | "offline_access" | "integration";

export interface Authorization {
  /** What is asked for; in a string, with spaces between the names. */
  scope?: string | readonly (Scope | (string & {}))[] | undefined;
  /** An unguessable text that you keep for this user until the user comes back. */
  state: string;
  /** For PKCE. */
  codeChallenge?: string | undefined;
}

/** How a user came back: to the redirect URI, or with a code that was copied. */
export type Callback = {
  /** For PKCE. */
  codeVerifier?: string | undefined;
  /** What has to be allowed; what is not rejects with `scope_missing`. */
  scope?: Authorization["scope"];
  signal?: AbortSignal | null | undefined;
} & (
  | {
      /** The redirect URI as it was called, query included. */
      url: string | URL;
      /** The state that this user was sent away with. */
      state: string;
      code?: undefined;
    }
  | { code: string; url?: undefined; state?: undefined }
);

/** Keep them where nobody else reads them. */
export interface Tokens {
  /** Opens the API for the user who gave the permission. */
  accessToken: string;
  /** Buys the next tokens; there only with the scope `offline_access`. */
  refreshToken?: string;
  /** Until when the access token is good, in milliseconds since 1970. */
  expiresAt?: number;
  /** What the user allowed; empty where the server does not say, which means what was asked for. */
  scope: string[];
}

/**
 * Finds flows and looks after sources, with the permission of a user. Rejects with a {@link FlowdockError}: `unauthorized` when
 * the access token has expired ({@link OAuth.refresh} makes the next), `scope_missing`, `forbidden`, `not_found`, `rejected`.
 */
export class FlowdockApi {
  /** @throws {FlowdockError} `invalid_option`, which names the option. */
  constructor(options: FlowdockApiOptions);

  /** The flow with this id, which the query of the setup URI names. */
  findFlow(id: string, options?: CallOptions): Promise<Flow>;
  /** The sources of a flow; without one, all that the user may see. */
  sources(flow?: FlowName | null, options?: CallOptions): Promise<Source[]>;
  source(flow: FlowName, id: string | number, options?: CallOptions): Promise<Source>;

  /**
   * Makes a source. Keep its `flow_token`, with which a {@link Client} posts: it is shown this one time. Keep its `id` as well
   * if your application has a configuration URI. Needs the scope `integration`.
   */
  createSource(flow: FlowName, fields: SourceFields, options?: CallOptions): Promise<Source & { flow_token: string }>;
  updateSource(flow: FlowName, id: string | number, changes: SourceChanges, options?: CallOptions): Promise<Source>;
  /** The same for whoever has the source's flow token rather than an access token, which the constructor then needs not. */
  updateSourceByToken(flowToken: string, changes: SourceChanges, options?: CallOptions): Promise<Source>;
  /** Removes a source: from then on its flow token gets a 410. */
  deleteSource(flow: FlowName, id: string | number, options?: CallOptions): Promise<void>;
}

export interface FlowdockApiOptions extends RequestOptions {
  /** Of {@link Tokens}. Only `updateSourceByToken` does without. */
  accessToken?: string | undefined;
}

export interface CallOptions {
  signal?: AbortSignal | null | undefined;
}

/** `organization/flow`, by the names that stand in addresses, or a flow as `findFlow` gives it. */
export type FlowName = string | Pick<Flow, "parameterized_name" | "organization">;

export interface Flow {
  id: string;
  name?: string;
  /** Its name in addresses. */
  parameterized_name: string;
  organization: { parameterized_name: string; name?: string; [key: string]: unknown };
  /** Its address in the API, and for people. */
  url?: string;
  web_url?: string;
  [key: string]: unknown;
}

export interface SourceFields {
  /** What tells this source from others of your application, such as the project's name. */
  name: string;
  /** The page of the item that it stands for. */
  externalUrl?: string | undefined;
}

export interface SourceChanges {
  /** What is wrong with the source, shown to the people in the flow; the empty string clears it. */
  errorMessage?: string | undefined;
  /** Where users configure it. */
  configurationUrl?: string | undefined;
}

/** A source as the server has it. */
export interface Source {
  id: string | number;
  name?: string;
  external_url?: string | null;
  application?: { id: string | number; name?: string; [key: string]: unknown };
  [key: string]: unknown;
}

/**
 * What the query says with which Flowdock opens your setup URI.
 *
 * @throws {FlowdockError} `invalid_option` without `flow`: nobody came from Flowdock.
 */
export function readSetupUri(url: string | URL): Visit;

/** The same for your configuration URI, which names the source as well. */
export function readConfigurationUri(url: string | URL): Visit;

export interface Visit {
  /** The flow's id, for {@link FlowdockApi.findFlow}. */
  flow: string;
  /** The flow's address in the API. */
  flowUrl?: string;
  /** The id of the source that is to be configured. */
  integrationId?: string;
  /** The same, as some servers have it. */
  source?: string;
  sourceUrl?: string;
}

/**
 * Verifies that a request is the click of a Flowdock user on an UpdateAction of yours. The request's body is read.
 *
 * Rejects with a {@link FlowdockError}: `token_missing`, `token_malformed`, `algorithm_refused`, `signature_invalid`,
 * `token_expired`, `body_mismatch`, `url_mismatch` or `replayed`. Answer each of them with a 403, and do nothing. An
 * `invalid_option` is a mistake of your own: the secret is missing, or something else read the body.
 *
 * @example
 * const { userId, action } = await verifyAction(request, { secrets: [env.CLIENT_SECRET] });
 * const user = await find(userId);
 * if (!user) return authenticationChallenge("https://app.example/login?claim=c1a1m");
 */
export function verifyAction(request: Request | RawRequest, options: VerifyOptions): Promise<VerifiedAction>;

/** A request whose body nobody parsed, for servers that have no `Request`. */
export interface RawRequest {
  headers: Headers | Record<string, string | string[] | undefined>;
  body: string | ArrayBuffer | ArrayBufferView;
  /** The whole URL that was called. */
  url: string | URL;
  /** How it was called; compared with the action's where it is given. */
  method?: string | undefined;
}

export interface VerifyOptions {
  /** The application's client secret; while it is changed, the old one as well. */
  secrets: readonly string[];
  /** The URL that stands in the action's `urlTemplate`, where the request does not know it: behind a proxy. Default: its own. */
  expectedUrl?: string | URL | undefined;
  /** The time, in milliseconds since 1970. Default: that of the clock. 5 seconds are allowed for clocks that differ. */
  now?: number | undefined;
  /**
   * Is told the id of each click, and until when it has to be known (milliseconds since 1970; at most 40 seconds ahead). Says
   * whether it was known before, which refuses the click as `replayed`; keep it in one step where several servers ask.
   *
   * @example
   * const seen = async (id, until) => !(await store.addIfMissing(id, { until }));
   */
  seen?: ((id: string, until: number) => boolean | Promise<boolean>) | undefined;
}

export interface VerifiedAction {
  /** The Flowdock id of the user who clicked. */
  userId: string;
  /** The action as your thread had it, and who clicked. */
  action: UpdateAction & { agent?: Person };
}

/** The user who clicked, as Flowdock shows them. The name proves nothing: decide by `userId`. */
export interface Person {
  "@type": "Person";
  name?: string;
  image?: string;
  [key: string]: unknown;
}

/**
 * The answer to an action that asks the user to log in first; Flowdock shows the URL.
 *
 * @throws {FlowdockError} `invalid_option` for what is no absolute http or https URL, or could not stand in the header.
 */
export function authenticationChallenge(url: string | URL): Response;

/** Every rule that a value breaks. */
export interface Report {
  /** Whether it may be posted: no violation is an error. */
  valid: boolean;
  violations: Violation[];
}

/** One broken rule. */
export interface Violation {
  /** Where: a JSON Pointer, `""` for the message itself. */
  path: string;
  /** Which rule. */
  code: ViolationCode;
  /** Only an error stops the message. */
  severity: "error" | "warning";
  /** The same for a person: a lower-case sentence without a full stop and without the path. */
  message: string;
  /** What would be allowed. */
  allowed?: string[];
  /** The most that is allowed, in the unit of the rule. */
  limit?: number;
  /** What was found instead. */
  actual?: number | string;
  /** Where in the value, in UTF-16 code units. */
  offset?: number;
  /** How long, in UTF-16 code units. */
  length?: number;
  /** What was probably meant: a path or a word to put in its place. */
  hint?: string;
  /**
   * Where in the JSON text, from {@link validateJson} alone: the value, the key of one that is not known, the tag or attribute of HTML, and of
   * a missing key the object that lacks it.
   */
  at?: TextPosition;
}

/** Where something stands in a text. */
export interface TextPosition {
  /** The UTF-16 code units before it. */
  offset: number;
  /** Its line; the first is 1. */
  line: number;
  /** Its column in UTF-16 code units; the first is 1. */
  column: number;
}

/**
 * What this package throws and rejects with; but where the stack or the memory ends, the engine's own `RangeError` stays. It never
 * holds a token. Any function's first call throws `invalid_option` where a Content-Security-Policy forbids WebAssembly.
 */
export class FlowdockError extends Error {
  private constructor(details: never);
  /** Decide by this; the message is for people and may be reworded. */
  readonly code: ErrorCode;
  /** Whether the same call may succeed later. */
  readonly retryable: boolean;
  /** The status of the server's answer, the last one. */
  readonly status?: number;
  /** The uuid of the message that was not posted; to post it again with this one lets a server see that it is the same. */
  readonly uuid?: string;
  /** How many requests were made for it. */
  readonly attempts?: number;
  /** Whether it may have been stored all the same, because a request failed after it had left. */
  readonly maybeDuplicate?: boolean;
  /** How long the server asked to wait, in milliseconds. */
  readonly retryAfterMs?: number;
  /** For `invalid_message`: what is wrong with it, warnings included. */
  readonly violations?: Violation[];
  /** What the server says of each field. */
  readonly fieldErrors?: Record<string, string[]>;
  /** What the runtime's `fetch` threw, or the reason of the caller's signal; not there where the token could be seen in it. */
  readonly cause?: unknown;
  toJSON(): object;
}

/** What a builder takes for a message's author. */
export type AuthorParts = string | Author;
/** What a builder takes for tags: they are trimmed, lower-cased and freed of `#`, blank ones and repetitions. */
export type TagParts = string | readonly string[];

export interface ActivityParts extends Omit<Activity, "event" | "title" | "body" | keyof HandyParts>, HandyParts {
  title: HtmlParts;
  body?: HtmlParts | null | undefined;
  author: AuthorParts;
}

export interface DiscussionParts extends Omit<Discussion, "event" | "title" | "body" | keyof HandyParts>, HandyParts {
  title: HtmlParts;
  body?: HtmlParts | null | undefined;
  author: AuthorParts;
}

/** HTML as a string, or made by the tag {@link html}. */
export type HtmlParts = string | SafeHtml;

export interface ChatMessageParts extends Omit<ChatMessage, "event" | keyof HandyParts>, HandyParts {}

/** Where a builder takes what is handier than the wire format. */
export interface HandyParts {
  author?: AuthorParts | null | undefined;
  thread?: ThreadParts | null | undefined;
  tags?: TagParts | null | undefined;
}

/** What a builder takes for a thread. */
export interface ThreadParts extends Omit<Thread, "title" | "body" | "status" | "fields" | "actions"> {
  title: HtmlParts;
  body?: HtmlParts | null | undefined;
  /** `"open"`, `["open", "green"]` or in full. */
  status?: string | readonly [value: string, color: StatusColor | null] | Status | null | undefined;
  /** `{ Dustiness: 5 }`, `[["Dustiness", 5]]` or in full; numbers and booleans become strings. */
  fields?: Readonly<Record<string, FieldValue>> | readonly (readonly [label: HtmlParts, value: FieldValue] | FieldParts)[] | null | undefined;
  /** `{ name, url }` is a ViewAction, with a `method` as well an UpdateAction. */
  actions?: readonly (ActionParts | Action)[] | null | undefined;
}

export type FieldValue = HtmlParts | number | boolean | null;

export interface FieldParts {
  label: HtmlParts;
  value?: FieldValue | undefined;
}

export interface ActionParts {
  name: string;
  url: string;
  /** Makes it an UpdateAction, whose request goes to `url`. */
  method?: HttpMethod | null | undefined;
  description?: string | null | undefined;
  image?: string | null | undefined;
}

export type StatusColor = NonNullable<Status["color"]>;
export type HttpMethod = EntryPoint["httpMethod"];

// ---- generated ----

export type Message = Activity | Discussion | ChatMessage;

export interface Activity {
  /** What happened: `activity`, something changed the item; `discussion`, somebody commented on it outside Flowdock; `message`, a chat message in the item's thread, or in the flow itself. */
  event: "activity";
  /** The token of the source. Leave it out of a payload: the client adds it. */
  flow_token?: string | null | undefined;
  /** What happened, in a few words, as HTML: `updated ticket`. Only `a` is allowed. */
  title: string;
  /** The details, as HTML; in a discussion, what was said. */
  body?: string | null | undefined;
  /** Who did it. */
  author: Author;
  /** Flowdock's own id of the thread. An activity and a discussion need `thread_id` or `external_thread_id`; both may stand there. */
  thread_id?: string | null | undefined;
  /** The item's id in your own service, unique within the source. Messages with the same one share a thread. */
  external_thread_id?: string | null | undefined;
  /** The item's latest state. With the option `thread: "optional"` it may be missing, for a thread that exists already. */
  thread?: Thread | null | undefined;
  /** Tags: an array of strings, or one string with commas. `@` stands before a user's name. */
  tags?: readonly string[] | string | null | undefined;
  /** An id that you choose, unique within the flow. The client adds a UUID v4 where it is missing. */
  uuid?: string | null | undefined;
  /** Attachments: either each has an `id`, which a body can name as `cid:…`, or none has. */
  attachments?: readonly Attachment[] | null | undefined;
}

export interface Discussion {
  /** What happened: `activity`, something changed the item; `discussion`, somebody commented on it outside Flowdock; `message`, a chat message in the item's thread, or in the flow itself. */
  event: "discussion";
  /** The token of the source. Leave it out of a payload: the client adds it. */
  flow_token?: string | null | undefined;
  /** What happened, in a few words, as HTML: `updated ticket`. Only `a` is allowed. */
  title: string;
  /** The details, as HTML; in a discussion, what was said. */
  body?: string | null | undefined;
  /** Who did it. */
  author: Author;
  /** Flowdock's own id of the thread. An activity and a discussion need `thread_id` or `external_thread_id`; both may stand there. */
  thread_id?: string | null | undefined;
  /** The item's id in your own service, unique within the source. Messages with the same one share a thread. */
  external_thread_id?: string | null | undefined;
  /** The item's latest state. With the option `thread: "optional"` it may be missing, for a thread that exists already. */
  thread?: Thread | null | undefined;
  /** Tags: an array of strings, or one string with commas. `@` stands before a user's name. */
  tags?: readonly string[] | string | null | undefined;
  /** An id that you choose, unique within the flow. The client adds a UUID v4 where it is missing. */
  uuid?: string | null | undefined;
  /** Attachments: either each has an `id`, which a body can name as `cid:…`, or none has. */
  attachments?: readonly Attachment[] | null | undefined;
}

export interface ChatMessage {
  /** What happened: `activity`, something changed the item; `discussion`, somebody commented on it outside Flowdock; `message`, a chat message in the item's thread, or in the flow itself. */
  event: "message";
  /** The token of the source. Leave it out of a payload: the client adds it. */
  flow_token?: string | null | undefined;
  /** The chat message, as plain text. At most 8096 characters, counted as Unicode scalar values (the documents give no unit). */
  content: string;
  /** Who did it. */
  author?: ChatMessageAuthor | null | undefined;
  /** Flowdock's own id of the thread. An activity and a discussion need `thread_id` or `external_thread_id`; both may stand there. */
  thread_id?: string | null | undefined;
  /** The item's id in your own service, unique within the source. Messages with the same one share a thread. */
  external_thread_id?: string | null | undefined;
  /** The item's latest state. With the option `thread: "optional"` it may be missing, for a thread that exists already. */
  thread?: Thread | null | undefined;
  /** The name that is shown as the sender of a chat message: no white space, at most 16 characters, counted as Unicode scalar values. */
  external_user_name?: string | null | undefined;
  /** Tags: an array of strings, or one string with commas. `@` stands before a user's name. */
  tags?: readonly string[] | string | null | undefined;
  /** An id that you choose, unique within the flow. The client adds a UUID v4 where it is missing. */
  uuid?: string | null | undefined;
}

export interface Author {
  /** The person's name, as plain text. */
  name: string;
  /** The person's picture: an absolute http or https URL. */
  avatar?: string | null | undefined;
  /** The person's e-mail address. */
  email?: string | null | undefined;
}

export interface Thread {
  /** What the item is called, as HTML. Only `a` is allowed. */
  title: string;
  /** What the item is about, as HTML. */
  body?: string | null | undefined;
  /** Where the item is found in its own service: an absolute http or https URL. */
  external_url?: string | null | undefined;
  /** The item's status. */
  status?: Status | null | undefined;
  /** More about the item, as labels and values. */
  fields?: readonly Field[] | null | undefined;
  /** What a user can do with the item from within Flowdock. */
  actions?: readonly Action[] | null | undefined;
}

export interface Status {
  /** The status, as plain text: `open`. */
  value: string;
  /** The colour behind it. */
  color?: "red" | "green" | "yellow" | "cyan" | "orange" | "grey" | "black" | "lime" | "purple" | "blue" | null | undefined;
}

export interface Field {
  /** The field's name, as HTML. Only `a` is allowed. */
  label: string;
  /** The field's value, as HTML; it may be empty. Only `a` is allowed. */
  value?: string | null | undefined;
}

export type Action = ViewAction | UpdateAction;

export interface ViewAction {
  /** The kind of action: `ViewAction`, a link; `UpdateAction`, a request that Flowdock sends to your service. */
  "@type": "ViewAction";
  /** What the action is called, as plain text. */
  name: string;
  /** Where the link leads: an absolute http or https URL. */
  url: string;
  /** What it does, in a sentence. */
  description?: string | null | undefined;
  /** A picture for it: an absolute http or https URL. */
  image?: string | null | undefined;
}

export interface UpdateAction {
  /** The kind of action: `ViewAction`, a link; `UpdateAction`, a request that Flowdock sends to your service. */
  "@type": "UpdateAction";
  /** What the action is called, as plain text. */
  name: string;
  /** The request that Flowdock sends when a user chooses the action. */
  target: EntryPoint;
}

export interface EntryPoint {
  /** Always `EntryPoint`. */
  "@type": "EntryPoint";
  /** Where the request goes: an absolute http or https URL, in which `{…}` may stand. */
  urlTemplate: string;
  /** The method of the request. */
  httpMethod: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
}

export interface ChatMessageAuthor {
  /** The person's name, as plain text. */
  name?: string | null | undefined;
  /** The person's picture: an absolute http or https URL. */
  avatar?: string | null | undefined;
  /** The person's e-mail address. */
  email?: string | null | undefined;
}

/** A file that comes with a message. */
export interface Attachment {
  /** The name by which a body can show it: `<img src="cid:…">`. */
  id?: string | null | undefined;
  [key: string]: unknown;
}

/** The rule that a violation breaks. */
export type ViolationCode =
  /** A required key is missing, null or blank (guide). */
  | "required"
  /** None of several keys is present, and at least one must be (guide). In a chat message a warning (docs). */
  | "required_one_of"
  /** A key that makes this message useful is missing or blank: a warning (guide). */
  | "recommended"
  /** A value of the wrong JSON type, or one that JSON cannot hold (ours). */
  | "invalid_type"
  /** A text that is no JSON, in a report on JSON text (ours). */
  | "invalid_json"
  /** A key that stands in an object of a JSON text twice, of which servers take one or the other (ours). */
  | "duplicate_key"
  /** Half of a surrogate pair, as a text cut in the middle of an emoji has one: a warning, and U+FFFD is sent in its place (ours). */
  | "not_well_formed"
  /** A word that is not one of the allowed words (docs). */
  | "invalid_choice"
  /** A text of the wrong form, such as a token with white space (docs). */
  | "invalid_format"
  /** Not an absolute http or https URL (guide). */
  | "invalid_url"
  /** Not an e-mail address by the definition of the HTML standard (guide). */
  | "invalid_email"
  /** More characters than allowed, counted as Unicode scalar values (docs). */
  | "too_long"
  /** White space beside a comma in a string of tags: a warning (seen). */
  | "tag_whitespace"
  /** Some attachments have an id and some have none (docs). */
  | "mixed_attachment_ids"
  /** A key that no document names: a warning, and the key is sent (ours). */
  | "unknown_field"
  /** A key that the server alone sets: a warning (docs). */
  | "read_only"
  /** A key of another event: a warning (ours). */
  | "not_used"
  /** An element that a title or a body does not allow (docs). */
  | "html_tag_not_allowed"
  /** An attribute that its element does not allow, a second one of the same name, or one on an end tag (ours). */
  | "html_attribute_not_allowed"
  /** A URL whose scheme is not allowed, or that names none (ours). */
  | "html_url_not_allowed"
  /** Markup that is neither text nor a whole tag: a comment, a NUL, a value that ends inside a tag (ours). */
  | "html_malformed"
  /** Start and end tags that do not match (ours). */
  | "html_unbalanced"
  /** A body that may not stay inside the element that shows it: it closes or reopens an element around it, or is nested too deep (ours). */
  | "html_not_contained"
  /** A tag in a value that is shown as plain text: a warning (ours). */
  | "html_in_plain_text";

/** Why an operation failed. */
export type ErrorCode =
  /** The message breaks a rule; the report says which. Nothing was sent. */
  | "invalid_message"
  /** An option is missing, unknown or invalid. Nothing was sent. */
  | "invalid_option"
  /** The server refused the body for its size (413). */
  | "too_large"
  /** The server does not know who is asking (401). */
  | "unauthorized"
  /** The server knows who is asking, and does not allow it (403). */
  | "forbidden"
  /** No such address, or an unknown flow token (404). */
  | "not_found"
  /** A user removed the source (410): stop posting, and delete what is stored for it. */
  | "source_removed"
  /** Too many requests (429). */
  | "rate_limited"
  /** The server failed (5xx), or asked for the request again (408, 425). */
  | "server"
  /** The request did not get through, or its answer did not get back. */
  | "network"
  /** No answer within the time allowed. */
  | "timeout"
  /** The caller aborted the signal. */
  | "aborted"
  /** The server redirected the request (3xx), which would carry the token elsewhere. */
  | "redirect_refused"
  /** The server refused the message, mostly with an error for each field (400 and other 4xx). */
  | "rejected"
  /** The answer does not come from this API. */
  | "bad_response"
  /** A user came back with a `state` other than the one that was sent (RFC 6749, 10.12). */
  | "state_mismatch"
  /** The user did not allow it. */
  | "access_denied"
  /** A code or a refresh token that was used, has expired, was revoked or is unknown: ask the user again. */
  | "invalid_grant"
  /** The user allowed less than is needed. */
  | "scope_missing"
  /** A request has no `FLOWDOCK-TOKEN`. */
  | "token_missing"
  /** The request's token is not a JWT, or lacks claims. */
  | "token_malformed"
  /** The request's token names an algorithm other than HS256, or more than one. */
  | "algorithm_refused"
  /** The request's token was signed with another secret, or not at all. */
  | "signature_invalid"
  /** The request's token has expired. */
  | "token_expired"
  /** The request's body is not the one that was signed. */
  | "body_mismatch"
  /** The request was signed for another URL. */
  | "url_mismatch"
  /** The request's token came before. */
  | "replayed";
