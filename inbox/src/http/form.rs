//! Reads messages that come as forms: their fields, and the files that come with them.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::body::{Body, Bytes};
use axum::http::{HeaderMap, header};
use futures_util::stream;
use multer::{Field, Multipart};
use percent_encoding::percent_decode;
use serde_json::{Map, Value};
use tokio::sync::OwnedSemaphorePermit;

use super::answer::Refusal;
use super::auth::FlowTokens;
use super::body::{self, Chunks, MAX_BODY_BYTES, MAX_FIELDS};
use super::brackets::{self, Fields, Step};
use super::media;
use super::scan::{Scan, scan};
use crate::app::App;
use crate::domain::{FieldErrors, NewFile, Source};

/// The largest form that is accepted, in bytes, with its files.
const MAX_FORM_BYTES: usize = 10 * 1024 * 1024;
/// The largest number of files in one form.
const MAX_FILES: usize = 20;
/// The largest number of values in a message. One of 1 MiB could have half a million, and would take 150 MiB of memory.
const MAX_VALUES: usize = 100_000;
/// How many bytes may come without a part that begins or grows. The parser searches all of them again at each chunk.
const MAX_BYTES_BETWEEN: usize = 256 * 1024;
/// How many bytes of fields may come before the flow token.
const MAX_BYTES_BEFORE_TOKEN: usize = 64 * 1024;

const MAX_NAME_CHARS: usize = 200;
const MAX_TYPE_BYTES: usize = 100;

/// The boundary between the parts of a form with files. Returns `None` if the Content-Type is not
/// `multipart/form-data`.
pub fn boundary(headers: &HeaderMap) -> Option<Result<String, Refusal>> {
    let content_type = headers.get(header::CONTENT_TYPE)?.to_str().ok()?;
    (media::content_type(headers) == media::MULTIPART).then(|| {
        multer::parse_boundary(content_type).map_err(|_| Refusal::unreadable("The form's Content-Type has no boundary"))
    })
}

/// A message that came without files.
pub enum Plain {
    /// JSON, which was looked through but not built.
    Json(Vec<u8>, Scan),
    /// A form.
    Form {
        /// The message.
        message: Value,
        /// The number of bytes of the form.
        bytes: usize,
        /// The flow token.
        flow_token: Option<String>,
    },
}

impl Plain {
    /// The flow token of the message.
    pub fn flow_token(&self) -> Option<&str> {
        match self {
            Plain::Json(_, scan) => scan.flow_token.as_deref(),
            Plain::Form { flow_token, .. } => flow_token.as_deref(),
        }
    }

    /// The number of bytes of the message.
    pub fn bytes(&self) -> usize {
        match self {
            Plain::Json(body, _) => body.len(),
            Plain::Form { bytes, .. } => *bytes,
        }
    }

    /// Builds the message of a sender who is known. A large message takes much memory until it is stored, so only a few are
    /// built at once: keep the permit for so long.
    pub async fn build(self, app: &App) -> Result<(Value, Option<OwnedSemaphorePermit>), Refusal> {
        let bytes = self.bytes();
        let is_large = bytes > body::MAX_BYTES_IN_PLACE;
        let permit = if is_large { Arc::clone(&app.large).acquire_owned().await.ok() } else { None };
        let message = match self {
            Plain::Json(body, _) => body::run_aside(bytes, move || body::parse(&body)).await?,
            Plain::Form { message, .. } => message,
        };
        Ok((message, permit))
    }
}

/// Reads a body that is declared as JSON or as a form without files. `token_key` is the key of the flow token.
///
/// Some tools, such as `curl --data`, declare every body as a form. So a body that begins with `{`, `[` or `"` is read
/// as JSON: no field of a message begins like that.
pub async fn plain(headers: &HeaderMap, body: Body, token_key: &'static str) -> Result<Plain, Refusal> {
    let declared = media::content_type(headers);
    if declared != media::JSON && declared != media::FORM {
        return Err(Refusal::unsupported(&[media::JSON, media::FORM, media::MULTIPART]));
    }
    let body = body::read(body, MAX_BODY_BYTES).await?;
    let bytes = body.len();
    let first = body.iter().find(|byte| !byte.is_ascii_whitespace());
    let is_json = declared == media::JSON || first.is_none_or(|byte| b"{[\"".contains(byte));
    body::run_aside(bytes, move || {
        if is_json {
            let scan = scan(&body, MAX_VALUES, token_key)?;
            if scan.is_object { Ok(Plain::Json(body, scan)) } else { Err(not_an_object()) }
        } else {
            let message = fields(&body)?;
            let flow_token = message.get(token_key).and_then(Value::as_str).map(str::to_owned);
            Ok(Plain::Form { message, bytes, flow_token })
        }
    })
    .await
}

fn fields(body: &[u8]) -> Result<Value, Refusal> {
    let mut fields = Fields::default();
    let pairs = body.split(|byte| *byte == b'&').filter(|pair| !pair.is_empty());
    for (index, pair) in pairs.enumerate() {
        if index == MAX_FIELDS {
            return Err(body::too_many_fields());
        }
        let mut parts = pair.splitn(2, |byte| *byte == b'=').map(decoded);
        let (name, value) = (parts.next().transpose()?.unwrap_or_default(), parts.next().transpose()?);
        fields.insert(&name, with_line_feeds(&value.unwrap_or_default()))?;
    }
    Ok(fields.into_value())
}

/// Decodes a name or a value of a form.
fn decoded(part: &[u8]) -> Result<String, Refusal> {
    let spaced: Vec<u8> = part.iter().map(|byte| if *byte == b'+' { b' ' } else { *byte }).collect();
    let text = percent_decode(&spaced).decode_utf8().map_err(|_| not_utf8())?;
    Ok(text.into_owned())
}

/// Replaces CRLF by LF. A form has CRLF at every line break; JSON messages mostly have LF.
fn with_line_feeds(text: &str) -> String {
    text.replace("\r\n", "\n")
}

fn not_utf8() -> Refusal {
    Refusal::unreadable("A field is not UTF-8")
}

/// 400: the body is not an object.
pub fn not_an_object() -> Refusal {
    Refusal::unreadable("The body is not a JSON object")
}

/// A form that was read.
pub struct Form {
    /// The message. Its `attachments` list the files, so that the rules can check them.
    pub message: Value,
    /// The number of bytes of its fields.
    pub text_bytes: usize,
    /// The files.
    pub files: Vec<NewFile>,
    /// The source whose flow token came with the form.
    pub source: Source,
}

/// Reads a form with files.
///
/// The flow token comes before the files: in the query, or as one of the first fields. So only a client with a flow token can
/// make the inbox hold files.
pub async fn read(
    boundary: String,
    body: Body,
    tokens: &FlowTokens<'_>,
    in_query: Option<Source>,
) -> Result<Form, Refusal> {
    let mut chunks = Chunks::of(body);
    let mut reader = Reader::new(tokens, in_query);
    reader.parts(boundary, &mut chunks).await?;
    reader.finish()
}

/// What was read of a form so far.
struct Reader<'a> {
    tokens: &'a FlowTokens<'a>,
    source: Option<Source>,
    fields: Fields,
    text_bytes: usize,
    files: Vec<NewFile>,
    /// How many bytes have come since the last piece of a field or of a file.
    progress: Arc<AtomicUsize>,
}

impl<'a> Reader<'a> {
    fn new(tokens: &'a FlowTokens<'a>, source: Option<Source>) -> Reader<'a> {
        let (fields, files) = (Fields::default(), Vec::new());
        Reader { tokens, source, fields, text_bytes: 0, files, progress: Arc::default() }
    }

    async fn parts(&mut self, boundary: String, chunks: &mut Chunks) -> Result<(), Refusal> {
        let counted = Arc::clone(&self.progress);
        let limited = stream::unfold((chunks, 0), move |(chunks, bytes)| {
            let counted = Arc::clone(&counted);
            async move {
                let chunk = chunks.next().await?;
                let more = chunk.as_ref().map_or(0, Bytes::len);
                let bytes = bytes + more;
                let chunk = if bytes > MAX_FORM_BYTES {
                    Err(Refusal::too_large("The body", MAX_FORM_BYTES))
                } else if counted.fetch_add(more, Ordering::Relaxed) > MAX_BYTES_BETWEEN {
                    Err(Refusal::unreadable("The form cannot be read: too much stands between its parts"))
                } else {
                    chunk
                };
                Some((chunk.map_err(StreamRefusal), (chunks, bytes)))
            }
        });
        let mut parts = Multipart::new(Box::pin(limited), boundary);
        let mut count = 0;
        while let Some(mut part) = parts.next_field().await.map_err(refusal_of)? {
            self.progress.store(0, Ordering::Relaxed);
            count += 1;
            if count > MAX_FIELDS {
                return Err(body::too_many_fields());
            }
            let name = unescape(part.name().ok_or_else(|| Refusal::unreadable("A part of the form has no name"))?);
            if part.file_name().is_some() {
                self.file(&name, part).await?;
                continue;
            }
            let text = self.text(&name, &mut part).await?;
            if name == "flow_token" {
                self.source = Some(self.tokens.source(&text).await?);
            }
            self.fields.insert(&name, with_line_feeds(&text))?;
        }
        Ok(())
    }

    /// Reads the text of a field.
    async fn text(&mut self, name: &str, part: &mut Field<'_>) -> Result<String, Refusal> {
        if field_of(name, &brackets::steps(name)?) == "attachments" {
            return Err(Refusal::invalid(FieldErrors::of("attachments", "must be files")));
        }
        self.text_bytes += name.len();
        let mut text = Vec::new();
        while let Some(chunk) = part.chunk().await.map_err(refusal_of)? {
            self.progress.store(0, Ordering::Relaxed);
            self.text_bytes += chunk.len();
            if self.text_bytes > MAX_BODY_BYTES {
                return Err(Refusal::too_large("The form without its files", MAX_BODY_BYTES));
            }
            if self.source.is_none() && self.text_bytes > MAX_BYTES_BEFORE_TOKEN {
                return Err(token_too_late());
            }
            text.extend_from_slice(&chunk);
        }
        String::from_utf8(text).map_err(|_| not_utf8())
    }

    /// Reads a file.
    async fn file(&mut self, name: &str, mut part: Field<'_>) -> Result<(), Refusal> {
        let steps = brackets::steps(name)?;
        let content_id = match steps.as_slice() {
            [Step::Key(key), Step::Item] if key == "attachments" => None,
            [Step::Key(key), Step::Key(id)] if key == "attachments" => Some(id.clone()),
            _ => return Err(Refusal::invalid(FieldErrors::of(field_of(name, &steps), "must not be a file"))),
        };
        if content_id.is_some() && self.files.iter().any(|file| file.content_id == content_id) {
            return Err(Refusal::invalid(FieldErrors::of("attachments", "must not have one `id` twice")));
        }
        if self.files.len() == MAX_FILES {
            let problem = format!("must not be more than {MAX_FILES}");
            return Err(Refusal::invalid(FieldErrors::of("attachments", &problem)));
        }
        if self.source.is_none() {
            return Err(token_too_late());
        }
        let content_type = part.content_type().map(ToString::to_string).filter(|kind| kind.len() <= MAX_TYPE_BYTES);
        let mut file = NewFile {
            content_id,
            name: part.file_name().map(file_name).unwrap_or_default(),
            content_type: content_type.unwrap_or_else(|| "application/octet-stream".to_owned()),
            size: 0,
            content: Vec::new(),
        };
        while let Some(chunk) = part.chunk().await.map_err(refusal_of)? {
            self.progress.store(0, Ordering::Relaxed);
            file.content.extend_from_slice(&chunk);
        }
        file.size = file.content.len();
        self.files.push(file);
        Ok(())
    }

    fn finish(self) -> Result<Form, Refusal> {
        let source = self.source.ok_or_else(Refusal::flow_token_missing)?;
        let mut message = self.fields.into_value();
        if !self.files.is_empty() {
            message["attachments"] = self.files.iter().map(described).collect();
        }
        Ok(Form { message, text_bytes: self.text_bytes, files: self.files, source })
    }
}

/// The first key of a field's name.
fn field_of<'a>(name: &'a str, steps: &'a [Step]) -> &'a str {
    if let Some(Step::Key(key)) = steps.first() { key } else { name }
}

/// 401: a file, or too much else, came before the flow token.
fn token_too_late() -> Refusal {
    Refusal::flow_token_late(MAX_BYTES_BEFORE_TOKEN)
}

/// A refusal on its way through the reader of the parts.
#[derive(Debug, thiserror::Error)]
#[error("{}", .0.message())]
struct StreamRefusal(Refusal);

/// The entry of `attachments` that the rules check.
fn described(file: &NewFile) -> Value {
    let id = file.content_id.iter().map(|id| ("id".to_owned(), id.as_str().into()));
    Value::Object(id.chain([("file_name".to_owned(), file.name.as_str().into())]).collect::<Map<_, _>>())
}

fn refusal_of(error: multer::Error) -> Refusal {
    match error {
        multer::Error::StreamReadFailed(inner) => match inner.downcast::<StreamRefusal>() {
            Ok(broken) => broken.0,
            Err(_) => Refusal::unreadable("The body broke off"),
        },
        error => Refusal::unreadable(format!("The form cannot be read: {error}")),
    }
}

/// Decodes a name from a Content-Disposition header. Browsers and curl escape it as the HTML standard says.
fn unescape(name: &str) -> String {
    name.replace("%22", "\"").replace("%0D", "\r").replace("%0A", "\n")
}

/// The name of a file, without its folders and without control characters. Bidirectional controls are removed too,
/// since they can make a name look like another one.
fn file_name(sent: &str) -> String {
    let sent = unescape(sent);
    let last = sent.rsplit(['/', '\\']).next().unwrap_or_default();
    let harmless = |c: &char| !c.is_control() && !matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    let name: String = last.trim().chars().filter(harmless).take(MAX_NAME_CHARS).collect();
    if matches!(name.as_str(), "" | "." | "..") { "file".to_owned() } else { name }
}

#[cfg(test)]
mod tests {
    use super::file_name;

    #[test]
    fn a_file_name_is_never_empty_and_has_no_folder_or_control_character() {
        for (sent, name) in [
            ("a.png", "a.png"),
            ("Zürich \u{1f600}.png", "Zürich \u{1f600}.png"),
            ("a%22b%0D%0A.png", "a\"b.png"),
            ("100%.png", "100%.png"),
            ("../../etc/passwd", "passwd"),
            ("C:\\docs\\a.txt", "a.txt"),
            ("gnp.\u{202e}exe", "gnp.exe"),
            ("", "file"),
            (" \0", "file"),
            ("a/..", "file"),
        ] {
            assert_eq!(file_name(sent), name, "{sent}");
        }
        assert_eq!(file_name(&"é".repeat(300)), "é".repeat(200));
    }
}
