// The demo page: a message, what the package says of it, and the flow that it arrives in.
//
// Ids that browser tests hold on to:
//   the message   #event-activity #event-discussion #event-message #title #body #content #author-name #author-email
//                 #author-avatar #external-thread-id #tags #thread-title #thread-body #external-url #status-value
//                 #status-color #add-field #field-label-N #field-value-N, #mode-form #mode-json #json-text #json-error,
//                 #examples with a button for each of examples.js by its id
//   the check     #verdict[data-severity], #report with li[data-path][data-code][data-severity], #json, #json-caption
//   posting       #post #post-reason #outcome[data-outcome] #outcome-uuid
//   the inbox     #stream-state[data-state], #threads with article[data-thread-id] and li[data-message-id]; the article of what
//                 stands in the flow itself has no id; #search-words, #found with li[data-message-id]; #connection, #api-token
//                 with the placeholder "signed in", button[data-action] beside .target, .action-outcome[data-outcome]
//   integrations  #sources with li[data-source-id], #applications with li[data-application-id], #grants with li[data-grant-id],
//                 #sessions with li[data-session-id], #source-form #source-secret, #application-form #application-secret,
//                 #integrations-problem

import { carryOutBy } from "./actions.js";
import { askForConnection, startConnection } from "./connection.js";
import { byId, el, withCode } from "./dom.js";
import { examples } from "./examples.js";
import { loadFilesBy } from "./files.js";
import { fillForm, readForm, startForm } from "./form.js";
import { follow } from "./inbox.js";
import { showIntegrations, startIntegrations } from "./integrations.js";
import { fillJson, readJson, selectInJson, showSyntaxError, startJsonEditor } from "./json-editor.js";
import { showJson } from "./json-view.js";
import { encode, validate, validateJson } from "./pkg/index.js";
import { clearOutcome, post } from "./post.js";
import { showReport } from "./report.js";
import { searchIn, startSearch } from "./search.js";
import { clearThreads, showMessage, showSnapshot } from "./threads.js";

/** @import { Message, Report, Violation } from "flowdock-integration" */
/** @import { Connection } from "./connection.js" */
/** @import { Example } from "./examples.js" */
/** @import { StreamState } from "./inbox.js" */
/** @import { Field } from "./report.js" */
/** @typedef {"form" | "json"} Mode */

const postButton = byId("post", HTMLButtonElement);

/** @type {Mode} */
let mode = "form";
/** @type {unknown} */
let message;
/** @type {Report | undefined} */
let report;
/** @type {Connection} */
let connection;
let isPosting = false;
let unfollow = () => {};

startForm(update);
startJsonEditor(update);
byId("examples").append(
  ...exampleGroup(
    "Start from",
    examples.filter(({ isMistake }) => !isMistake),
  ),
  ...exampleGroup(
    "Mistakes",
    examples.filter(({ isMistake }) => isMistake),
  ),
);
load(examples[0]);
for (const choice of /** @type {Mode[]} */ (["form", "json"])) {
  byId(`mode-${choice}`).addEventListener("change", () => switchTo(choice));
}
postButton.addEventListener("click", postMessage);
startIntegrations();
startSearch();
startConnection(connect);

/**
 * @param {string} name
 * @param {Example[]} group
 */
function exampleGroup(name, group) {
  const items = group.map((example) => {
    const attributes = { type: "button", class: "quiet", id: example.id, click: () => load(example) };
    return el("li", {}, el("button", attributes, withCode(example.name)));
  });
  return [el("span", {}, name), el("ul", { "aria-label": name }, items)];
}

/** @param {Example} example */
function load(example) {
  message = example.message;
  switchTo(example.mode ?? "form");
}

/**
 * Shows the message in the form or as text; each takes over what the other has.
 *
 * @param {Mode} newMode
 */
function switchTo(newMode) {
  mode = newMode;
  byId(`mode-${mode}`, HTMLInputElement).checked = true;
  byId("message-form").hidden = mode !== "form";
  byId("json-editor").hidden = mode !== "json";
  if (mode === "json") fillJson(message);
  // A text that is no JSON object is no message: the form keeps what it had.
  else if (typeof message === "object" && message !== null && !Array.isArray(message)) fillForm(message);
  update();
}

/** After each change: reads the message, checks it, and shows both. */
function update() {
  if (mode === "form") {
    message = readForm();
    report = validate(message);
    showReport(report, byId("message-form"), goTo);
  } else {
    const text = readJson();
    const checked = validateJson(text);
    const syntaxError = checked.violations.find(({ code }) => code === "invalid_json");
    message = syntaxError ? undefined : JSON.parse(text);
    report = syntaxError ? undefined : checked;
    showSyntaxError(syntaxError);
    showReport(checked, null, goTo);
  }
  showBody();
  clearOutcome();
  showPostButton();
}

function showBody() {
  const { valid = false, violations = [] } = report ?? {};
  const caption = valid ? "POST /messages, without the token" : "not yet: `encode` refuses it";
  byId("json-caption").replaceChildren(...withCode(caption));
  byId("json").dataset.valid = String(valid);
  if (report) {
    showJson(
      byId("json"),
      withoutToken(valid ? JSON.parse(encode(/** @type {Message} */ (message))) : message),
      violations,
    );
    showJson(byId("report-json"), report);
  } else {
    byId("json").replaceChildren();
    byId("report-json").replaceChildren();
  }
}

/**
 * Somebody may paste a message with its token; this page shows none.
 *
 * @param {unknown} value
 */
function withoutToken(value) {
  if (typeof value !== "object" || value === null || !("flow_token" in value)) return value;
  const { flow_token: _, ...rest } = value;
  return rest;
}

/**
 * Goes to where a violation is. What the form has no field for is shown in the text.
 *
 * @param {Violation} violation
 * @param {Field | null | undefined} field
 */
function goTo(violation, field) {
  const { path, code, offset, length } = violation;
  if (field) {
    field.focus();
    if (offset !== undefined) field.setSelectionRange(offset, offset + (length ?? 0));
    return;
  }
  if (mode === "json") {
    selectInJson(violation);
    return;
  }
  // A report on the form has no positions in the text.
  switchTo("json");
  const inText = report?.violations.find((other) => other.path === path && other.code === code);
  if (inText) selectInJson(inText);
}

function showPostButton() {
  const isMissing = connection?.flowToken === "";
  const reason = byId("post-reason");
  postButton.disabled = isPosting || isMissing || !report?.valid;
  postButton.setAttribute("aria-busy", String(isPosting));
  if (!report) reason.replaceChildren("What is no JSON cannot be posted.");
  else if (!report.valid) reason.replaceChildren("Mend the errors first; warnings do not stop a message.");
  else if (isMissing) {
    const button = el("button", { type: "button", class: "link", click: askForConnection }, "Connection");
    reason.replaceChildren("The flow token is missing: fill it in under ", button, ".");
  } else reason.replaceChildren(...withCode("Runs `new Client({ baseUrl, flowToken }).post(message)`"));
}

async function postMessage() {
  isPosting = true;
  showPostButton();
  try {
    await post(/** @type {Message} */ (message), connection);
  } finally {
    isPosting = false;
    showPostButton();
    // The button lost the focus when it was disabled.
    if (document.activeElement === document.body) postButton.focus();
  }
}

/** @param {Connection} newConnection */
function connect(newConnection) {
  connection = newConnection;
  showPostButton();
  unfollow();
  clearThreads();
  carryOutBy(connection);
  loadFilesBy(connection);
  searchIn(connection);
  showIntegrations(connection);
  unfollow = follow(connection, { state: showStreamState, snapshot: showSnapshot, message: showMessage });
}

/**
 * @param {StreamState} state
 * @param {string} [reason]
 */
function showStreamState(state, reason) {
  const names = { connecting: "connecting", live: "live", reconnecting: "reconnecting", off: "not connected" };
  byId("stream-state").dataset.state = state;
  byId("stream-state").textContent = reason ? `${names[state]}: ${reason}` : names[state];
}
