// The Rust that posts a message: by the builders if they have everything that is in it, else as JSON.

import { eventOf } from "../events.js";
import { isObject } from "../pointer.js";
import { rawJson, rustString } from "./literal.js";

/** @import { JsonObject } from "../pointer.js" */

const SEND = `
fn send(request: &Request) -> Result<PostResult, Box<dyn std::error::Error>> {
    let config = ureq::Agent::config_builder().max_redirects(0).http_status_as_error(false);
    let agent = ureq::Agent::new_with_config(config.build());
    let mut post = agent.post(&request.sent.url);
    for (name, value) in request.headers() {
        post = post.header(*name, *value);
    }
    let mut answer = post.send(&request.body)?;
    let status = answer.status().as_u16();
    let body = answer.body_mut().read_to_string().unwrap_or_default();
    Ok(request.read(status, &body)?)
}
`;

/** @param {unknown} message */
export function rustSample(message) {
  const built = isObject(message) ? builder(message) : undefined;
  const names = built?.names ?? ["Options"];
  const crates = built ? "getrandom 0.4, ureq 3" : "getrandom 0.4, serde_json 1, ureq 3";
  const make = built
    ? `let message = ${built.code};`
    : `let message: serde_json::Value = serde_json::from_str(\n        ${rawJson(message)},\n    )?;`;
  const post = built
    ? "client.post(&message, random, PostOptions::default())"
    : "client.post_value(&message, Options::default(), random, PostOptions::default())?";
  const imports = [...new Set([...names, "Client", "ClientOptions", "PostOptions", "PostResult", "Request"])].sort();
  return `// The other crates: ${crates}
use flowdock_integration::{${imports.join(", ")}};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    ${make}

    let options = ClientOptions::new(std::env::var("FLOWDOCK_URL")?, std::env::var("FLOWDOCK_TOKEN")?);
    let client = Client::new(options)?;
    let mut random = [0; 16];
    getrandom::fill(&mut random)?;
    let request = ${post};
    println!("posted {}", send(&request)?.uuid);
    Ok(())
}
${SEND}`;
}

/** Thrown where the builders have no method for a part of a message. */
class NotBuiltError extends Error {}

/**
 * @param {JsonObject} message
 * @returns {{ code: string, names: string[] } | undefined}
 */
function builder(message) {
  try {
    return built(message);
  } catch (error) {
    if (error instanceof NotBuiltError) return undefined;
    throw error;
  }
}

/** @param {JsonObject} message */
function built(message) {
  const {
    event,
    title,
    body,
    content,
    author,
    external_thread_id: id,
    thread,
    tags,
    uuid,
    external_user_name: user,
    ...rest
  } = message;
  const type = eventOf(event)?.type;
  if (!type) throw new NotBuiltError();
  nothingElse(rest);
  /** @type {string[]} */
  const names = [type];
  const lines = [`${type}::builder()`];
  /** @param {string} method @param {unknown} value */
  const add = (method, value) => {
    if (value !== undefined) lines.push(`.${method}(${rustString(text(value))})`);
  };
  if (author !== undefined) {
    const { code, isName } = authorOf(author);
    if (!isName) names.push("Author");
    lines.push(`.author(${code})`);
  }
  if (type === "ChatMessage") {
    nothingElse({ title, body });
    add("content", content);
    add("external_user_name", user);
  } else {
    nothingElse({ content, user });
    add("title", title);
    add("body", body);
  }
  add("external_thread_id", id);
  const list = tags === undefined ? [] : listOf(tags).map(tagOf);
  if (list.length > 0) lines.push(`.tags([${list.join(", ")}])`);
  if (thread !== undefined) lines.push(`.thread(${rustThread(thread, names)})`);
  add("uuid", uuid);
  return { code: `${lines.join("\n        ")}\n        .build()?`, names };
}

/** @param {unknown} author */
function authorOf(author) {
  const { name, avatar, email, ...rest } = objectOf(author);
  nothingElse(rest);
  const isName = avatar === undefined && email === undefined;
  if (isName) return { code: rustString(text(name)), isName };
  const more = Object.entries({ avatar, email }).filter(([, value]) => value !== undefined);
  const calls = more.map(([key, value]) => `.${key}(${rustString(text(value))})`).join("");
  return { code: `Author::new(${rustString(text(name))})${calls}`, isName };
}

/**
 * @param {unknown} thread
 * @param {string[]} names
 */
function rustThread(thread, names) {
  const { title, body, external_url: url, status, fields, actions, ...rest } = objectOf(thread);
  nothingElse(rest);
  names.push("Thread");
  const lines = [`Thread::new(${rustString(text(title))})`];
  if (body !== undefined) lines.push(`.body(${rustString(text(body))})`);
  if (url !== undefined) lines.push(`.external_url(${rustString(text(url))})`);
  if (status !== undefined) lines.push(statusOf(status, names));
  for (const field of fields === undefined ? [] : listOf(fields)) {
    const { label, value = "", ...others } = objectOf(field);
    nothingElse(others);
    lines.push(`.field(${rustString(text(label))}, ${rustString(text(value))})`);
  }
  for (const action of actions === undefined ? [] : listOf(actions)) lines.push(`.action(${actionOf(action, names)})`);
  return lines.length > 1 ? `\n            ${lines.join("\n                ")},\n        ` : lines[0];
}

/**
 * @param {unknown} status
 * @param {string[]} names
 */
function statusOf(status, names) {
  const { value, color, ...rest } = objectOf(status);
  nothingElse(rest);
  if (color === undefined) return `.status(${rustString(text(value))}, None)`;
  names.push("Color");
  return `.status(${rustString(text(value))}, Color::${variant(text(color))})`;
}

/**
 * @param {unknown} action
 * @param {string[]} names
 */
function actionOf(action, names) {
  const { "@type": type, name, url, target, ...rest } = objectOf(action);
  nothingElse(rest);
  names.push("Action");
  if (type === "ViewAction") {
    nothingElse({ target });
    return `Action::view(${rustString(text(name))}, ${rustString(text(url))})`;
  }
  const { "@type": _, urlTemplate, httpMethod, ...others } = objectOf(target);
  nothingElse({ url, ...others });
  names.push("HttpMethod");
  const method = variant(text(httpMethod));
  return `Action::update(${rustString(text(name))}, ${rustString(text(urlTemplate))}, HttpMethod::${method})`;
}

/** The builder changes tags that are not written like this. @param {unknown} tag */
function tagOf(tag) {
  if (!/^[^\s#,A-Z][^,A-Z]*$/.test(text(tag))) throw new NotBuiltError();
  return rustString(text(tag));
}

/** The name of a variant: `Grey` for `grey`. @param {string} word */
function variant(word) {
  if (!/^[A-Za-z]+$/.test(word)) throw new NotBuiltError();
  return word[0].toUpperCase() + word.slice(1).toLowerCase();
}

/** @param {unknown} value */
function text(value) {
  if (typeof value !== "string") throw new NotBuiltError();
  return value;
}

/** @param {unknown} value */
function objectOf(value) {
  if (!isObject(value)) throw new NotBuiltError();
  return value;
}

/** @param {unknown} value @returns {unknown[]} */
function listOf(value) {
  if (!Array.isArray(value)) throw new NotBuiltError();
  return value;
}

/** @param {JsonObject} rest */
function nothingElse(rest) {
  if (Object.values(rest).some((value) => value !== undefined)) throw new NotBuiltError();
}
