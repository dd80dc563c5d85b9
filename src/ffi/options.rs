//! Options as they come from JavaScript. An unknown one is an error, so that a slip of the pen is noticed; what is wrong
//! with one is said by its name and never by its value, which may be a token.

use super::read::whole_number;
use super::{Answer, CallError};
use crate::client::{Client, ClientOptions, LONGEST_MS, PostOptions, RetryOptions};
use crate::json::{Node, Value};
use crate::schema;
use crate::text::{digits, fill, join};
use crate::validate::Options;

/// The time that one attempt may take, its answer's body included.
const DEFAULT_TIMEOUT_MS: u32 = 10_000;
/// How many requests may be on their way at a time.
const DEFAULT_CONCURRENCY: u32 = 4;

/// The options of `validate`, `encode` and the builders.
pub fn check(options: Value<'_>) -> Result<Options, CallError> {
    thread(&Read::new(options, &["thread"])?)
}

fn client(options: &Read<'_>) -> Result<Client, CallError> {
    let base_url = options.required("baseUrl")?;
    let flow_token = options.required("flowToken")?;
    let client = ClientOptions::new(base_url, flow_token).allow_http(options.boolean("allowHttp")?);
    Ok(Client::new(client)?)
}

const CLIENT: &[&str] = &["baseUrl", "flowToken", "allowHttp", "timeoutMs", "retry", "concurrency", "hooks"];

/// How a `Client` posts.
pub struct Settings {
    /// The most milliseconds for one request, its answer's body included.
    pub timeout_ms: u32,
    /// The most requests at a time.
    pub concurrency: u32,
    /// Whether and when a message that failed is tried again.
    pub retry: RetryOptions,
}

/// The options in `retry`, by their names in JavaScript.
pub fn retry_fields(retry: &mut RetryOptions) -> impl Iterator<Item = (&'static str, &mut u32)> {
    let RetryOptions { max_attempts, max_elapsed_ms, base_ms, cap_ms, max_retry_after_ms } = retry;
    RETRY.iter().copied().zip([max_attempts, max_elapsed_ms, base_ms, cap_ms, max_retry_after_ms])
}

const RETRY: &[&str] = &["maxAttempts", "maxElapsedMs", "baseMs", "capMs", "maxRetryAfterMs"];
const HOOKS: &[&str] = &["onAttempt", "onRetry", "onDelivered", "onFailed", "onSourceRemoved"];

/// The options of `Client` but for `fetch`, which is no data; a hook stands there as its `typeof`.
pub fn client_and_settings(options: Value<'_>) -> Result<(Client, Settings), CallError> {
    let options = Read::new(options, CLIENT)?;
    let client = client(&options)?;
    if let Some(hooks) = options.get("hooks") {
        let hooks = Read::new(hooks, HOOKS)?;
        if let Some(name) = HOOKS.iter().find(|name| !matches!(hooks.string(name), Ok(None | Some("function")))) {
            return Err(must_be(name, "a function"));
        }
    }
    let written = options.get("retry");
    let (written, mut retry) = match written.map(Value::node) {
        Some(Node::Bool(false)) => (None, RetryOptions::never()),
        _ => (written, RetryOptions::default()),
    };
    let written = written.map(|written| Read::new(written, RETRY)).transpose()?;
    let timeout_ms = options.number("timeoutMs")?.unwrap_or(DEFAULT_TIMEOUT_MS);
    let concurrency = options.number("concurrency")?.unwrap_or(DEFAULT_CONCURRENCY);
    if let Some(written) = written {
        for (name, field) in retry_fields(&mut retry) {
            if let Some(number) = written.number(name)? {
                *field = number;
            }
        }
    }
    Ok((client, Settings { timeout_ms, concurrency, retry }))
}

/// The most milliseconds that one request may take, in digits.
pub fn timeout(options: &Read<'_>) -> Answer {
    Ok(digits(options.number("timeoutMs")?.unwrap_or(DEFAULT_TIMEOUT_MS) as usize))
}

/// The options of `Client.post`, but for `signal`, which is no data. Of `attachments` there are the ids, with spaces between.
pub fn post(options: Value<'_>) -> Result<(Options, PostOptions, Option<&str>), CallError> {
    let options = Read::new(options, &["waitForMessage", "thread", "attachments"])?;
    let post = PostOptions::default();
    let post = if options.boolean("waitForMessage")? { post.wait_for_message() } else { post };
    Ok((thread(&options)?, post, options.string("attachments")?))
}

fn thread(options: &Read<'_>) -> Result<Options, CallError> {
    match options.string("thread")? {
        None | Some("required") => Ok(Options::default()),
        Some("optional") => Ok(Options::default().thread_optional()),
        Some(_) => Err(CallError::InvalidOption("`thread` must be `required` or `optional`".into())),
    }
}

/// An object whose keys are all known options; null stands for one without any.
pub struct Read<'a>(Value<'a>);

impl<'a> Read<'a> {
    pub fn new(options: Value<'a>, known: &'static [&'static str]) -> Result<Self, CallError> {
        if let Node::Object(mut entries) = options.node()
            && let Some((key, _)) = entries.find(|(key, _)| !known.contains(key))
        {
            return Err(unknown(key, known));
        }
        Self::any(options)
    }

    /// An object with whatever keys.
    pub fn any(options: Value<'a>) -> Result<Self, CallError> {
        match options.node() {
            Node::Null | Node::Object(_) => Ok(Self(options)),
            _ => Err(CallError::InvalidOption("the options must be an object".into())),
        }
    }

    /// The text of a key; none where it is no text.
    pub fn text(&self, key: &str) -> Option<&'a str> {
        self.0.part(key).and_then(Value::text)
    }

    fn get(&self, wanted: &str) -> Option<Value<'a>> {
        self.0.part(wanted)
    }

    pub fn string(&self, key: &str) -> Result<Option<&'a str>, CallError> {
        match self.get(key).map(Value::node) {
            None => Ok(None),
            Some(Node::String(text)) => Ok(Some(text)),
            Some(_) => Err(must_be(key, "a string")),
        }
    }

    pub fn required(&self, key: &str) -> Result<&'a str, CallError> {
        self.string(key)?
            .filter(|text| !text.is_empty())
            .ok_or_else(|| CallError::InvalidOption(fill("`%` is required", &[key])))
    }

    fn number(&self, key: &str) -> Result<Option<u32>, CallError> {
        let Some(value) = self.get(key) else { return Ok(None) };
        let number = whole_number(value);
        match number {
            Some(1..=LONGEST_MS) => Ok(number),
            _ => Err(must_be(key, "a whole number from 1 to 2147483647")),
        }
    }

    pub fn boolean(&self, key: &str) -> Result<bool, CallError> {
        match self.get(key).map(Value::node) {
            None => Ok(false),
            Some(Node::Bool(value)) => Ok(value),
            Some(_) => Err(must_be(key, "true or false")),
        }
    }
}

fn must_be(key: &str, what: &str) -> CallError {
    CallError::InvalidOption(fill("`%` must be %", &[key, what]))
}

fn unknown(key: &str, known: &'static [&'static str]) -> CallError {
    let near = schema::nearest_word(known.iter().copied(), key);
    // Not printed where it may be anything, a token put in the wrong place included.
    let printed = near.is_some() || key.len() <= 16 && key.bytes().all(|byte| byte.is_ascii_alphabetic());
    let subject = if printed { fill("`%` is not a known option", &[key]) } else { "there is an unknown option".into() };
    CallError::InvalidOption(match near {
        Some(near) => fill("%, did you mean `%`", &[&subject, near]),
        None => fill("%, beside `%`", &[&subject, &join(known, "`, `")]),
    })
}
