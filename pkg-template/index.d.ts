// The part above the line "generated" is written by hand. `cargo xtask build` writes the rest from the rule table.

/**
 * Checks a message and lists every violation, at most a thousand. It throws for no message, whatever value that is.
 *
 * @throws {FlowdockError} `invalid_option` for an option that is unknown or has an invalid value.
 */
export function validate(message: unknown, options?: CheckOptions): Report;

/**
 * Checks a message that is JSON text, such as the content of a file. Each violation has `at`, its position in the text, so that an editor
 * or a command line can point at it. A text that is not JSON gives one violation, `invalid_json`, at the position of the syntax error.
 *
 * @example
 * for (const { at, message } of validateJson(text).violations) console.log(`message.json:${at?.line}:${at?.column} ${message}`);
 * @throws {FlowdockError} `invalid_option` when `text` is not a string, has more than 16,777,216 UTF-16 code units, or when an option is
 *   unknown or has an invalid value.
 */
export function validateJson(text: string, options?: CheckOptions): Report;

/**
 * Checks a message and returns the JSON body to post, as JSON.stringify writes it. It adds no flow token; the {@link Client} does that.
 *
 * @throws {FlowdockError} `invalid_message`, with the `violations`, when the message breaks a rule. `invalid_option` for an option that is
 *   unknown or has an invalid value.
 */
export function encode(message: Message, options?: CheckOptions): string;

/**
 * Checks a message and returns what a queue stores of it, so that it can be posted later. `flowdock-integration/outbox` has such a queue, and
 * `deliver` for the queues of others.
 *
 * @throws {FlowdockError} `invalid_message`, with the `violations`, when the message breaks a rule. `invalid_option` for an option that is
 *   unknown or has an invalid value, and for a message with a `flow_token`: no queue should store a token.
 */
export function prepare(message: Message, options?: CheckOptions): Prepared;

/** What {@link prepare} returns. */
export interface Prepared {
  /** The message's uuid, its own or a new one. Each try to post the message has the same. */
  uuid: string;
  /**
   * The names of the lanes of the message, one for each id of its thread, at most two; a message without a thread has none. Messages that
   * share a lane must be posted one after another, in their order.
   */
  lanes: string[];
  /** The message with its uuid as JSON text. It has no flow token. */
  body: string;
}

/**
 * Builds an activity (something that happened to the item) from short forms, such as a name for the author.
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
 * Builds a discussion (a comment that somebody wrote on the item outside Flowdock). {@link activity} has an example.
 *
 * @throws {FlowdockError} `invalid_message` when the message breaks a rule, with the `violations`.
 */
export function discussion(parts: DiscussionParts, options?: CheckOptions): Discussion;

/**
 * Builds a chat message in the item's thread. {@link activity} has an example.
 *
 * @throws {FlowdockError} `invalid_message` when the message breaks a rule, with the `violations`.
 */
export function chatMessage(parts: ChatMessageParts, options?: CheckOptions): ChatMessage;

/**
 * Builds a thread (the item's latest state), which you can put into several messages.
 *
 * @throws {FlowdockError} `invalid_message` when the thread breaks a rule, with the `violations`.
 */
export function thread(parts: ThreadParts): Thread;

/** Checks the HTML of a title, of a field's label or of a field's value, outside a message. It allows `a` only. Each `path` is `""`. */
export function checkTitle(html: string): Violation[];

/** Checks the HTML of a body, outside a message. Each `path` is `""`. */
export function checkBody(html: string): Violation[];

/**
 * Rewrites the HTML of a title so that it contains text and links only. A browser builds exactly the elements that the result shows, and
 * `checkTitle` finds no violation in it. The text of other elements is kept. Scripts, styles and similar elements are removed with their
 * content.
 */
export function sanitizeTitle(html: string): string;

/**
 * Rewrites the HTML of a body so that it contains only the elements and attributes that a body allows. A browser builds exactly the
 * elements that the result shows, and `checkBody` finds no violation in it. The text of other elements is kept. Scripts, styles and
 * similar elements are removed with their content. Some elements that are not allowed become an element of equal meaning: `s` becomes
 * `del`, `u` becomes `ins`, `mark` becomes `b`.
 *
 * The result stays inside the element that you put it into, in these cases:
 * - You set it as the `innerHTML` of an element of an HTML document, and that element is not `table`, `tr`, `svg` or `math`.
 * - A server writes it into the markup of a page, inside `div`, `td`, `th`, `caption`, `button`, `span`, `b`, `pre`, `section`,
 *   `article`, `label`, `form`, `li` or `dd`.
 *
 * A server must not write it inside `a`, a heading or `p`: a link, a heading or a block in the result would end that element. In an
 * attribute it must be escaped. It is not XHTML.
 */
export function sanitizeBody(html: string): string;

/**
 * Writes HTML for a message. Each value is escaped for its context: text, a quoted attribute, or an attribute that holds a URL. The scheme
 * of a URL must be http, https, mailto or, for `src`, cid. An array is written item by item; null and undefined are written as nothing. A
 * fragment that this tag made is inserted as HTML; in an attribute it is inserted as text.
 *
 * @example
 * activity({ title: html`merged <a href="${url}">#${number}</a>`, … })
 *
 * @throws {FlowdockError} `invalid_option` for a value in any other context, such as a tag's name, an attribute's name or a comment; for
 * an element or an attribute that no body allows; for an attribute without quotes; for a URL that is not allowed; and for a value that
 * cannot be converted to a string.
 */
export function html(strings: TemplateStringsArray, ...values: unknown[]): SafeHtml;

/** HTML that the tag `html` made. Every field of a message that holds HTML accepts it. */
export interface SafeHtml {
  /** The HTML. */
  toString(): string;
  /** The HTML, so that JSON.stringify writes a fragment as a string. */
  toJSON(): string;
}

/** Escapes plain text for HTML: for the content of an element and for a quoted attribute. */
export function escapeHtml(text: string): string;

/** The rules as a JSON Schema (draft 2020-12), for editors and other languages. `validate` also checks rules that a schema cannot express. */
export const messageSchema: Readonly<Record<string, unknown>>;

/**
 * Posts messages into the flow of one source.
 *
 * In Cloudflare Workers, incoming requests may share a client. A message that waits for a message of another call of `post` or `postAll`
 * begins up to 64 milliseconds late, but not if both calls were made without waiting in between. If an incoming request is cancelled while it
 * posts, messages that wait for its thread or its request slot go on after 5 seconds, or `timeoutMs` and 5 seconds if its request was in
 * flight.
 */
export class Client {
  /** @throws {FlowdockError} `invalid_option`; its message names the option. */
  constructor(options: ClientOptions);

  /**
   * The longest time that a post can take from its first request on, in milliseconds: `maxElapsedMs` and `timeoutMs` together. With
   * `retry: false` it is `timeoutMs`. Whoever leases messages for posting leases them for longer.
   */
  readonly longestPostMs: number;

  /**
   * Checks a message and posts it. After a failure that may be temporary it is tried again with the same uuid, as {@link RetryOptions}
   * says. Such failures are: no connection, no answer in time, 408, 425, 429, and 5xx except 501 and 505. Messages of one thread are posted
   * one after another, in the order of the calls, because each contains the full state of its thread. Messages of other threads do not
   * wait for them.
   *
   * Rejects with a {@link FlowdockError}. The code `source_removed` (410) means that a user removed the source. The client then sends
   * nothing more with its token: messages that wait and all further posts fail at once. A request in flight ends with its own answer and is
   * not tried again. Delete what you stored for the source.
   */
  post(message: Message, options?: PostOptions): Promise<PostResult>;

  /**
   * Posts the messages of an iterable, which may be endless. It yields each result when its message settles, with the message's index. It
   * takes messages ahead only while you ask for results: at most sixteen for each request slot, and eight more. When you leave the loop,
   * the messages that have not settled are given up; a message whose request was in flight may have been stored.
   *
   * A message that fails does not end the loop. An exception of the iterable ends it, after all messages that were taken have settled.
   *
   * @example
   * for await (const { index, status, reason } of client.postAll(messages)) {
   *   if (status === "rejected") console.error(index, reason.code);
   * }
   *
   * @throws {FlowdockError} `invalid_option` for an option that is unknown or has an invalid value.
   */
  postAll(messages: Iterable<Message> | AsyncIterable<Message>, options?: PostAllOptions): AsyncGenerator<Settled, void, undefined>;
}

/** What a {@link Client} needs, and how it posts. */
export interface ClientOptions {
  /**
   * The address of the server: https, or http on a loopback address. There is no default: the host of the guide is no longer Flowdock's,
   * and a token must not go to a later owner of that name.
   */
  baseUrl: string;
  /**
   * The flow token of the source. Everybody who opens a page can read a token in it. A message that has its own `flow_token` keeps that.
   */
  flowToken: string;
  /** Allows plain http to hosts that are not loopback addresses. Everybody on the network path can then read the token. Default: false. */
  allowHttp?: boolean | undefined;
  /**
   * The time limit of one request, including the body of its answer, in milliseconds, at least 1. Default: 10 000. A status that has
   * arrived counts, even if the body is not complete in time.
   */
  timeoutMs?: number | undefined;
  /** Whether and how a message that failed is tried again. With `false` there is one request for each message. */
  retry?: RetryOptions | false | undefined;
  /** The largest number of requests in flight, at least 1. A message that waits for its next attempt holds no request slot. Default: 4. */
  concurrency?: number | undefined;
  /** Functions that the client calls when something happens. An exception in one of them changes nothing. */
  hooks?: Hooks | undefined;
  /**
   * Your own `fetch` function, called without a `this`. For a service binding: `(url, init) => env.INBOX.fetch(url, init)`.
   * Default: the runtime's `fetch`.
   */
  fetch?: ((url: string, init: FetchInit) => ResponseLike | Promise<ResponseLike>) | undefined;
}

/** How a message that failed is tried again. */
export interface RetryOptions {
  /** The largest number of requests for one message, including the first. Default: 6. */
  maxAttempts?: number | undefined;
  /** The time limit of one message, in milliseconds, from its first request to its last answer. Default: 120 000. */
  maxElapsedMs?: number | undefined;
  /**
   * The upper limit of the wait before the second request, in milliseconds. The limit doubles with each further request. The client waits a
   * random time up to the limit. Default: 500.
   */
  baseMs?: number | undefined;
  /** The longest wait that the client chooses by itself, without a `Retry-After`, in milliseconds. Default: 30 000. */
  capMs?: number | undefined;
  /**
   * The longest `Retry-After` that the client obeys, in milliseconds. If the server asks for a longer wait, the message fails.
   * Default: 120 000. A page can read this header only if the server exposes it (CORS).
   */
  maxRetryAfterMs?: number | undefined;
}

/** Functions that the client calls when something happens. None of them receives the token or the text of a message. */
export interface Hooks {
  /** Called when a request goes out, the first one or a further one. */
  onAttempt?: ((event: { uuid: string; attempt: number }) => void) | undefined;
  /** Called when a request failed and the client will make another one after `waitMs` milliseconds. */
  onRetry?: ((event: { uuid: string; attempt: number; waitMs: number; error: FlowdockError }) => void) | undefined;
  /** Called when a message was posted. */
  onDelivered?: ((event: Omit<PostResult, "message">) => void) | undefined;
  /** Called when a message that passed the check could not be posted. */
  onFailed?: ((event: { uuid: string; error: FlowdockError }) => void) | undefined;
  /** Called once when a user removed the source (410). Delete what you stored for it. */
  onSourceRemoved?: (() => void) | undefined;
}

/** The options of {@link Client.postAll}. They hold for each message. */
export interface PostAllOptions extends PostOptions {
  /** When it aborts, the client gives up all messages that have not settled and takes no more from the iterable. Then the results end. */
  signal?: AbortSignalLike | null | undefined;
  /** Called when a message settles. `done` includes the failed messages. `total` is present if the iterable has a `length` or a `size`. */
  onProgress?: ((progress: { done: number; failed: number; total?: number }) => void) | undefined;
}

/** The result of one message of {@link Client.postAll}. `index` is its index in the iterable, from 0. */
export type Settled =
  | { index: number; status: "fulfilled"; value: PostResult; reason?: undefined }
  | { index: number; status: "rejected"; reason: FlowdockError; value?: undefined };

/** The options of {@link Client.post}. */
export interface PostOptions extends CheckOptions {
  /** When it aborts, the client gives up the message, whatever the message waits for. */
  signal?: AbortSignalLike | null | undefined;
  /**
   * Asks the server to answer with the stored message. The request header for this is not among those that Flowdock's documented CORS
   * preflight allows, so it fails in a page. Default: false.
   */
  waitForMessage?: boolean | undefined;
  /**
   * Files to send with an activity or a discussion. Give an object whose keys are the ids of the files, by which the body shows them
   * (`<img src="cid:file1">`), or an array of files without ids. `postAll` sends them with each message.
   *
   * The message is then sent as `multipart/form-data`. This format cannot express null, empty arrays and empty objects, so they are left
   * out. The files replace the message's own `attachments`. A `File` keeps its name; a `Blob` is named `blob`. Each request sends the files
   * again, so `timeoutMs` must be long enough for all of them.
   *
   * An id consists of ASCII letters, digits and `._@-`. These are an `invalid_option`: a body that names an id without a file, attachments
   * of a chat message, a runtime without `FormData`, and a `fetch` that does not accept the global `FormData`.
   *
   * @example
   * await client.post(activity({ ...parts, body: '<img src="cid:chart" alt="Load">' }), {
   *   attachments: { chart: new File([png], "load.png", { type: "image/png" }) },
   * });
   */
  attachments?: Readonly<Record<string, BlobLike>> | Iterable<BlobLike> | undefined;
}

/** How a message is checked. */
export interface CheckOptions {
  /** With `optional` the message may have no `thread`, for a thread that exists already. Default: `required`. */
  thread?: "required" | "optional" | undefined;
}

/** What became of a message that was posted. */
export interface PostResult {
  /** `accepted`: the server took the message; `created`: it answered with the stored message. */
  kind: "accepted" | "created";
  /** The message's uuid: its own, or the one that the client added. */
  uuid: string;
  /** The number of requests that were made for the message. */
  attempts: number;
  /** Whether the server may have stored an earlier request as well: that request failed after it was sent. */
  maybeDuplicate: boolean;
  /** The stored message, when `kind` is `created`. */
  message?: StoredMessage;
}

/** A message as the server stores it. It may have keys that are not listed here, and most of the listed keys may be missing. */
export interface StoredMessage {
  /** The message's number. Later messages of a flow have higher numbers. */
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

/** A thread as the server stores it. */
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

/**
 * The source of a thread. Servers use two shapes: the application's name and icon are keys of the source itself, or they are in its
 * `application`.
 */
export interface StoredSource {
  id?: string | number;
  name?: string;
  url?: string | null;
  icon?: unknown;
  application?: unknown;
  [key: string]: unknown;
}

/**
 * Asks users for permission with OAuth 2.0 (authorisation code). The steps are those of the guide:
 * 1. The user comes to your setup URI ({@link readSetupUri}).
 * 2. You send the browser to {@link OAuth.authorizeUrl}.
 * 3. The browser comes back with a code, and {@link OAuth.exchangeCode} exchanges it for tokens.
 *
 * Never put a client secret into a page or an extension: whoever has it can act as your application and sign actions. Use
 * {@link OAuth.pkce} there, if the server supports it.
 */
export class OAuth {
  /** @throws {FlowdockError} `invalid_option`; its message names the option. */
  constructor(options: OAuthOptions);

  /**
   * Makes a code verifier for PKCE (RFC 7636) and its challenge. Store the verifier for this user, and give the challenge to
   * {@link OAuth.authorizeUrl}.
   */
  static pkce(): Promise<{ codeVerifier: string; codeChallenge: string }>;

  /**
   * Returns the URL to which you send the user's browser.
   *
   * @example
   * const state = crypto.randomUUID(); // keep it for this user, in a cookie that scripts cannot read
   * Response.redirect(oauth.authorizeUrl({ scope: ["integration", "offline_access"], state }));
   *
   * @throws {FlowdockError} `invalid_option` when `state` is missing, or an option is unknown or has an invalid value.
   */
  authorizeUrl(wanted: Authorization): string;

  /**
   * Exchanges the code with which a user came back for tokens.
   *
   * Rejects with a {@link FlowdockError}: `state_mismatch` when the user did not begin in this browser, `access_denied` when the user did
   * not allow it, `invalid_grant` for a code that was used or has expired, `scope_missing` when the user allowed less than `scope` names,
   * `unauthorized` for a wrong client id or secret.
   */
  exchangeCode(callback: Callback): Promise<Tokens>;

  /**
   * Exchanges a refresh token for the next tokens. The result always has the refresh token to store: a new one, or the given one if it
   * stays valid. While this object waits for an answer, a second call with an equal refresh token makes no request and gets that answer too.
   *
   * Rejects with a {@link FlowdockError}: `invalid_grant` when the token was used or revoked, or has expired. Then ask the user again.
   */
  refresh(refreshToken: string): Promise<Tokens & { refreshToken: string }>;
}

export interface OAuthOptions extends RequestOptions {
  /** The client id of the registered application. */
  clientId: string;
  /** The client secret of the registered application. Use it on a server only, never in a page or an extension. */
  clientSecret?: string | undefined;
  /** The URI to which users come back: one of the registered URIs, or `urn:ietf:wg:oauth:2.0:oob` if users copy the code by hand. */
  redirectUri: string;
}

/** The options of every class that makes requests. */
export interface RequestOptions {
  /** The address of the server: https, or http on a loopback address. There is no default. */
  baseUrl: string;
  /** Allows plain http to hosts that are not loopback addresses. Everybody on the network path can then read the token. Default: false. */
  allowHttp?: boolean | undefined;
  /** The time limit of one request, including the body of its answer, in milliseconds, at least 1. Default: 10 000. */
  timeoutMs?: number | undefined;
  /** Your own `fetch` function, called without a `this`. Default: the runtime's `fetch`. */
  fetch?: ClientOptions["fetch"];
}

/** The scopes that Flowdock documents. To create a source you need `integration`, to get a refresh token `offline_access`. */
export type Scope = "flow" | "private" | "manage" | "profile" | "offline_access" | "integration";

/** What {@link OAuth.authorizeUrl} asks the user for. */
export interface Authorization {
  /** The scopes to ask for. In a string, spaces separate the names. */
  scope?: string | readonly (Scope | (string & {}))[] | undefined;
  /** A random text that nobody can guess. Store it for this user until the user comes back. */
  state: string;
  /** The `codeChallenge` of {@link OAuth.pkce}, if you use PKCE. */
  codeChallenge?: string | undefined;
}

/** How a user came back: to the redirect URI, or with a code that the user copied. */
export type Callback = {
  /** The `codeVerifier` of {@link OAuth.pkce}, if you use PKCE. */
  codeVerifier?: string | undefined;
  /** The scopes that you need. If the user did not allow one of them, the call rejects with `scope_missing`. */
  scope?: Authorization["scope"];
  signal?: AbortSignalLike | null | undefined;
} & (
  | {
      /** The redirect URI as the browser called it, including the query. */
      url: string | UrlLike;
      /** The `state` that you gave to `authorizeUrl` for this user. It must equal the one in `url`. */
      state: string;
      code?: undefined;
    }
  | { code: string; url?: undefined; state?: undefined }
);

/** The tokens of a user. Store them where nobody else can read them. */
export interface Tokens {
  /** Gives access to the API on behalf of the user. */
  accessToken: string;
  /** Can be exchanged for the next tokens. Present only with the scope `offline_access`. */
  refreshToken?: string;
  /** When the access token expires, in milliseconds since 1970. */
  expiresAt?: number;
  /** The scopes that the user allowed. It is empty if the server does not name them: then the user allowed all that you asked for. */
  scope: string[];
}

/**
 * Finds flows and manages sources, with the permission of a user. Each method rejects with a {@link FlowdockError}: `unauthorized` when the
 * access token has expired ({@link OAuth.refresh} gets a new one), `scope_missing`, `forbidden`, `not_found` or `rejected`.
 */
export class FlowdockApi {
  /** @throws {FlowdockError} `invalid_option`; its message names the option. */
  constructor(options: FlowdockApiOptions);

  /** Finds the flow with this id. The query of the setup URI contains the id. */
  findFlow(id: string, options?: CallOptions): Promise<Flow>;
  /** Lists the sources of a flow, or, without `flow`, all sources that the user may see. */
  sources(flow?: FlowName | null, options?: CallOptions): Promise<Source[]>;
  /** Finds one source of a flow. */
  source(flow: FlowName, id: string | number, options?: CallOptions): Promise<Source>;

  /**
   * Creates a source. Store its `flow_token`, which a {@link Client} needs: the server shows it only this once. Store its `id` as well if
   * your application has a configuration URI. This needs the scope `integration`.
   */
  createSource(flow: FlowName, fields: SourceFields, options?: CallOptions): Promise<Source & { flow_token: string }>;
  /** Changes a source. */
  updateSource(flow: FlowName, id: string | number, changes: SourceChanges, options?: CallOptions): Promise<Source>;
  /** Changes the source that has this flow token. No access token is needed, not even for the constructor. */
  updateSourceByToken(flowToken: string, changes: SourceChanges, options?: CallOptions): Promise<Source>;
  /** Removes a source. The server then answers 410 to every request with its flow token. */
  deleteSource(flow: FlowName, id: string | number, options?: CallOptions): Promise<void>;
}

export interface FlowdockApiOptions extends RequestOptions {
  /** The `accessToken` of {@link Tokens}. All methods need it except `updateSourceByToken`. */
  accessToken?: string | undefined;
}

/** The options of one call of {@link FlowdockApi}. */
export interface CallOptions {
  signal?: AbortSignalLike | null | undefined;
}

/** `organization/flow`, with the names that URLs contain, or a flow that `findFlow` returned. */
export type FlowName = string | Pick<Flow, "parameterized_name" | "organization">;

/** A flow, as the server describes it. */
export interface Flow {
  id: string;
  name?: string;
  /** The flow's name in URLs. */
  parameterized_name: string;
  organization: { parameterized_name: string; name?: string; [key: string]: unknown };
  /** The flow's address in the API. */
  url?: string;
  /** The address of the flow's page for people. */
  web_url?: string;
  [key: string]: unknown;
}

/** What {@link FlowdockApi.createSource} stores. */
export interface SourceFields {
  /** A name that distinguishes this source from other sources of your application, such as the project's name. */
  name: string;
  /** The page of the thing that the source represents, such as a project. */
  externalUrl?: string | undefined;
}

/** What can be changed in a source. */
export interface SourceChanges {
  /** A problem of the source, which Flowdock shows to the people in the flow. The empty string removes it. */
  errorMessage?: string | undefined;
  /** The page where users configure the source. */
  configurationUrl?: string | undefined;
}

/** A source as the server stores it. */
export interface Source {
  id: string | number;
  name?: string;
  external_url?: string | null;
  application?: { id: string | number; name?: string; [key: string]: unknown };
  [key: string]: unknown;
}

/**
 * Reads the query that Flowdock adds when it opens your setup URI.
 *
 * @throws {FlowdockError} `invalid_option` when `flow` is missing: the user did not come from Flowdock.
 */
export function readSetupUri(url: string | UrlLike): Visit;

/**
 * Reads the query that Flowdock adds when it opens your configuration URI. It names the source to configure.
 *
 * @throws {FlowdockError} `invalid_option` when `flow` or the source is missing: the user did not come from Flowdock.
 */
export function readConfigurationUri(url: string | UrlLike): Visit;

/** The query with which Flowdock opens your setup URI or your configuration URI. */
export interface Visit {
  /** The flow's id, for {@link FlowdockApi.findFlow}. */
  flow: string;
  /** The flow's address in the API. */
  flowUrl?: string;
  /** The id of the source to configure. */
  integrationId?: string;
  /** The id of the source to configure, under the name that some servers give it. */
  source?: string;
  /** The address of the source in the API. */
  sourceUrl?: string;
}

/**
 * Verifies that a Flowdock user clicked on an UpdateAction of yours and that this request comes from the click. It reads the body of the
 * request.
 *
 * Rejects with a {@link FlowdockError}: `token_missing`, `token_malformed`, `algorithm_refused`, `signature_invalid`,
 * `token_expired`, `body_mismatch`, `url_mismatch` or `replayed`. Answer each of these with a 403, and do not carry out the action. Two
 * codes are mistakes of your own service, and say nothing about the request: `invalid_option`, when the secret is missing or other code has
 * read the body already, and `wasm_unavailable`.
 *
 * @example
 * const { userId, action } = await verifyAction(request, { secrets: [env.CLIENT_SECRET] });
 * const user = await find(userId);
 * if (!user) return authenticationChallenge("https://app.example/login?claim=c1a1m");
 */
export function verifyAction(request: RequestLike | RawRequest, options: VerifyOptions): Promise<VerifiedAction>;

/** A request whose body is not parsed yet, for servers that have no `Request`. */
export interface RawRequest {
  headers: HeadersLike | Readonly<Record<string, string | readonly string[] | undefined>>;
  body: string | ArrayBuffer | ArrayBufferView;
  /** The whole URL that was called. */
  url: string | UrlLike;
  /** The HTTP method of the request. If you give it, it is compared with that of the action. */
  method?: string | undefined;
}

/** What {@link verifyAction} needs. */
export interface VerifyOptions {
  /** The client secret of the application. While you replace it, give the old one as well. */
  secrets: readonly string[];
  /** The URL in the action's `urlTemplate`. Give it if a proxy changes the URL of the request. Default: the URL of the request. */
  expectedUrl?: string | UrlLike | undefined;
  /** The time, in milliseconds since 1970. Default: the time of the clock. The two clocks may differ by 5 seconds. */
  now?: number | undefined;
  /**
   * Called with the id of each click, and the time until which you must remember the id (milliseconds since 1970, at most 40 seconds ahead).
   * Store the id and return whether it was stored before; if so, the click is refused as `replayed`. If several servers share the store,
   * look up and store the id in one atomic step.
   *
   * @example
   * const seen = async (id, until) => !(await store.addIfMissing(id, { until }));
   */
  seen?: ((id: string, until: number) => boolean | Promise<boolean>) | undefined;
}

/** A click that {@link verifyAction} found genuine. */
export interface VerifiedAction {
  /** The Flowdock id of the user who clicked. */
  userId: string;
  /** The action as your thread contained it, with the user who clicked as `agent`. */
  action: UpdateAction & { agent?: Person };
}

/** The user who clicked, as Flowdock shows the user. The name proves nothing: decide by `userId`. */
export interface Person {
  "@type": "Person";
  name?: string;
  image?: string;
  [key: string]: unknown;
}

/**
 * Makes the answer to an action that asks the user to log in first. Flowdock shows the URL to the user.
 *
 * @throws {FlowdockError} `invalid_option` when `url` is not an absolute http or https URL, or contains white space, quotes or commas.
 */
export function authenticationChallenge(url: string | UrlLike): FetchResponse;

// Types of the runtime, with only the members that this package uses. So these declarations need neither the types of the DOM nor those of
// Node.

/** An `AbortSignal`. */
export interface AbortSignalLike {
  readonly aborted: boolean;
  readonly reason?: unknown;
  addEventListener(type: "abort", listener: () => void): void;
  removeEventListener(type: "abort", listener: () => void): void;
}

/** A `URL`. */
export interface UrlLike {
  readonly href: string;
  toJSON(): string;
}

/** A `Blob` or a `File`. */
export interface BlobLike {
  readonly size: number;
  readonly type: string;
  arrayBuffer(): Promise<ArrayBuffer>;
}

/** The `Headers` of a request or a response. */
export interface HeadersLike {
  get(name: string): string | null;
}

/** A `Request` whose body nobody has read. */
export interface RequestLike {
  readonly url: string;
  readonly method: string;
  readonly headers: HeadersLike;
  readonly bodyUsed: boolean;
  arrayBuffer(): Promise<ArrayBuffer>;
}

/** A `Response`, or what your own `fetch` returns in place of it. */
export interface ResponseLike {
  readonly status: number;
  readonly headers: HeadersLike;
  text(): Promise<string>;
}

/** The `Response` of the runtime. */
export type FetchResponse = typeof globalThis extends { Response: { prototype: infer Response } } ? Response : ResponseLike;

/** The second argument of the runtime's `fetch`: its `RequestInit`. */
export type FetchInit = typeof globalThis extends { fetch: (input: never, init?: infer Init) => unknown }
  ? NonNullable<Init>
  : Readonly<Record<string, unknown>>;

/** All violations of a message. */
export interface Report {
  /** Whether the message may be posted: no violation has the severity `error`. */
  valid: boolean;
  violations: Violation[];
}

/** One broken rule. */
export interface Violation {
  /** The value that breaks the rule, as a JSON Pointer; `""` is the message itself. */
  path: string;
  /** The rule that is broken. */
  code: ViolationCode;
  /** Only a violation of severity `error` stops the message. */
  severity: "error" | "warning";
  /** A description for people: a lower-case sentence without a full stop. It does not contain the path. */
  message: string;
  /** The values that are allowed. */
  allowed?: string[];
  /** The largest value that is allowed, in the unit of the rule. */
  limit?: number;
  /** The value that was found. */
  actual?: number | string;
  /** Where the violation begins in the value, in UTF-16 code units. */
  offset?: number;
  /** The length of the violation in the value, in UTF-16 code units. */
  length?: number;
  /** The path or the word that was probably meant. */
  hint?: string;
  /**
   * The position of the violation in the JSON text; only {@link validateJson} gives it. It is the position of the value. For an unknown key
   * it is that of the key, for HTML that of the tag or attribute, and for a missing key that of the object that lacks it.
   */
  at?: TextPosition;
}

/** A position in a text. */
export interface TextPosition {
  /** The number of UTF-16 code units before the position. */
  offset: number;
  /** The line, from 1. */
  line: number;
  /** The column in UTF-16 code units, from 1. */
  column: number;
}

/**
 * The error that this package throws and rejects with. It never contains a token. When the stack or the memory is exhausted, the engine's
 * own `RangeError` is thrown instead. Where no WebAssembly can be compiled, every function that needs it throws `wasm_unavailable` when it is
 * called.
 *
 * `instanceof FlowdockError` also holds for an error of another copy of this package in the same program.
 */
export type FlowdockError = InvalidMessageError | OperationError;

/** Tells errors of this package from others: `error instanceof FlowdockError`. It cannot be called or extended. */
export const FlowdockError: FlowdockErrorClass;

/** The type of {@link FlowdockError} as a value. Before TypeScript 5.3 the right side of `instanceof` must be a function. */
export interface FlowdockErrorClass extends Function {
  readonly prototype: FlowdockError;
  [Symbol.hasInstance](value: unknown): value is FlowdockError;
}

/** The message breaks a rule. Nothing was sent. */
export interface InvalidMessageError extends ErrorDetails {
  readonly code: "invalid_message";
  /** All violations of the message, including warnings. */
  readonly violations: Violation[];
}

/** An error with any code but `invalid_message`. */
export interface OperationError extends ErrorDetails {
  readonly code: Exclude<ErrorCode, "invalid_message">;
  readonly violations?: undefined;
}

/** The properties of every {@link FlowdockError}. */
export interface ErrorDetails extends Error {
  readonly name: "FlowdockError";
  /** Use it to decide what to do. The `message` is for people, and its wording may change. */
  readonly code: ErrorCode;
  /** Whether the same call may succeed later. */
  readonly retryable: boolean;
  /** The status of the server's last answer. */
  readonly status?: number;
  /** The uuid of the message that was not posted. If you post the message again with this uuid, a server can recognise it. */
  readonly uuid?: string;
  /** The number of requests that were made for the message. */
  readonly attempts?: number;
  /** Whether the server may have stored the message all the same: a request failed after it was sent. */
  readonly maybeDuplicate?: boolean;
  /** The time that the server asked to wait, in milliseconds. */
  readonly retryAfterMs?: number;
  /** The server's errors for each field. */
  readonly fieldErrors?: Record<string, string[]>;
  /** The value that `fetch` threw, or the reason of the caller's signal. It is left out if the token could be seen in it. */
  readonly cause?: unknown;
  toJSON(): object;
}

/** The author for a builder: a name, or an object. */
export type AuthorParts = string | Author;
/**
 * The tags for a builder: an array, or one string with commas. The builder trims them, converts them to lower case, and removes `#`, blank
 * tags and repetitions.
 */
export type TagParts = string | readonly string[];

/** An activity for {@link activity}. */
export interface ActivityParts extends Omit<Activity, "event" | "title" | "body" | keyof HandyParts>, HandyParts {
  title: HtmlParts;
  body?: HtmlParts | null | undefined;
  author: AuthorParts;
}

/** A discussion for {@link discussion}. */
export interface DiscussionParts extends Omit<Discussion, "event" | "title" | "body" | keyof HandyParts>, HandyParts {
  title: HtmlParts;
  body?: HtmlParts | null | undefined;
  author: AuthorParts;
}

/** HTML for a builder: a string, or a fragment that the tag {@link html} made. */
export type HtmlParts = string | SafeHtml;

/** A chat message for {@link chatMessage}. */
export interface ChatMessageParts extends Omit<ChatMessage, "event" | keyof HandyParts>, HandyParts {}

/** The keys for which a builder accepts short forms beside the wire format. */
export interface HandyParts {
  author?: AuthorParts | null | undefined;
  thread?: ThreadParts | null | undefined;
  tags?: TagParts | null | undefined;
}

/** A thread for a builder, with short forms for its status, its fields and its actions. */
export interface ThreadParts extends Omit<Thread, "title" | "body" | "status" | "fields" | "actions"> {
  title: HtmlParts;
  body?: HtmlParts | null | undefined;
  /** `"open"`, `["open", "green"]` or a full {@link Status}. */
  status?: string | readonly [value: string, color: StatusColor | null] | Status | null | undefined;
  /** `{ Dustiness: 5 }`, `[["Dustiness", 5]]` or full fields. Numbers and booleans become strings. */
  fields?: Readonly<Record<string, FieldValue>> | readonly (readonly [label: HtmlParts, value: FieldValue] | FieldParts)[] | null | undefined;
  /** `{ name, url }` becomes a ViewAction, `{ name, url, method }` an UpdateAction. Full actions are accepted too. */
  actions?: readonly (ActionParts | Action)[] | null | undefined;
}

/** The value of a field for a builder. */
export type FieldValue = HtmlParts | number | boolean | null;

/** A field for a builder. */
export interface FieldParts {
  label: HtmlParts;
  value?: FieldValue | undefined;
}

/** An action for a builder. */
export interface ActionParts {
  name: string;
  url: string;
  /** If it is present, the action becomes an UpdateAction, whose request goes to `url`. */
  method?: HttpMethod | null | undefined;
  description?: string | null | undefined;
  image?: string | null | undefined;
}

/** The colour behind a status. */
export type StatusColor = NonNullable<Status["color"]>;
/** The method of the request that an UpdateAction makes. */
export type HttpMethod = EntryPoint["httpMethod"];

// ---- generated ----

/** A message in Flowdock's format. */
export type Message = Activity | Discussion | ChatMessage;

/** Something happened to an item. */
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

/** Somebody commented on an item outside Flowdock. */
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

/** A chat message, in the thread of an item or in the flow itself. */
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

/** Who did it, or who wrote it. */
export interface Author {
  /** The person's name, as plain text. */
  name: string;
  /** The person's picture: an absolute http or https URL. */
  avatar?: string | null | undefined;
  /** The person's e-mail address. */
  email?: string | null | undefined;
}

/** An item in another tool, as it is now. Each message replaces the state of its thread. */
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

/** The status of an item, with its colour. */
export interface Status {
  /** The status, as plain text: `open`. */
  value: string;
  /** The colour behind it. */
  color?: "red" | "green" | "yellow" | "cyan" | "orange" | "grey" | "black" | "lime" | "purple" | "blue" | null | undefined;
}

/** A label and a value that say more about an item. */
export interface Field {
  /** The field's name, as HTML. Only `a` is allowed. */
  label: string;
  /** The field's value, as HTML; it may be empty. Only `a` is allowed. */
  value?: string | null | undefined;
}

/** What a user can do with an item from within Flowdock. */
export type Action = ViewAction | UpdateAction;

/** An action that opens a link. */
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

/** An action that sends a request to your service. */
export interface UpdateAction {
  /** The kind of action: `ViewAction`, a link; `UpdateAction`, a request that Flowdock sends to your service. */
  "@type": "UpdateAction";
  /** What the action is called, as plain text. */
  name: string;
  /** The request that Flowdock sends when a user chooses the action. */
  target: EntryPoint;
}

/** The request of an UpdateAction. */
export interface EntryPoint {
  /** Always `EntryPoint`. */
  "@type": "EntryPoint";
  /** Where the request goes: an absolute http or https URL, in which `{…}` may stand. */
  urlTemplate: string;
  /** The method of the request. */
  httpMethod: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
}

/** Who wrote a chat message. Each key may be missing. */
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
  /** A known key that an object of a JSON text has twice; servers differ in which one they take (ours). */
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
  /** WebAssembly cannot be compiled here, for example because a Content-Security-Policy forbids it. Nothing was sent. */
  | "wasm_unavailable"
  /** The outbox could not store the message: it is full, or its storage failed. Nothing was sent. */
  | "storage"
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
