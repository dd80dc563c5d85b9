//! Reads messages that come as forms: their fields, and the files that come with them.

use std::convert::Infallible;

use axum::body::Body;
use axum::http::{HeaderMap, header};
use futures_util::stream;
use percent_encoding::percent_decode;
use serde_json::{Map, Value};

use crate::answer::{FieldErrors, Refusal};
use crate::body::{self, MAX_BODY_BYTES};
use crate::brackets::{self, Fields, Step};
use crate::store::files::NewFile;

/// The largest form that is accepted, in bytes, with its files.
const MAX_FORM_BYTES: usize = 10 * 1024 * 1024;
/// The largest number of files in one form.
const MAX_FILES: usize = 20;

const MAX_NAME_CHARS: usize = 200;
const MAX_TYPE_BYTES: usize = 100;

/// The boundary between the parts of a form with files. Returns `None` if the Content-Type is not
/// `multipart/form-data`.
pub fn boundary(headers: &HeaderMap) -> Option<Result<String, Refusal>> {
    let content_type = headers.get(header::CONTENT_TYPE)?.to_str().ok()?;
    let media_type = content_type.split(';').next().unwrap_or_default();
    media_type.trim().eq_ignore_ascii_case("multipart/form-data").then(|| {
        multer::parse_boundary(content_type).map_err(|_| Refusal::unreadable("The form's Content-Type has no boundary"))
    })
}

/// Reads a message from a body that is JSON or a form without files.
///
/// Some tools, such as `curl --data`, declare every body as a form. So a body that begins with `{`, `[` or `"` is read
/// as JSON: no field of a message begins like that.
pub async fn json_or_fields(headers: &HeaderMap, body: Body) -> Result<Value, Refusal> {
    let body = body::read(body, MAX_BODY_BYTES).await?;
    let is_json = body.iter().find(|byte| !byte.is_ascii_whitespace()).is_none_or(|byte| b"{[\"".contains(byte));
    if is_json || body::media_type(headers) != "application/x-www-form-urlencoded" {
        return body::parsed(&body);
    }
    let mut fields = Fields::default();
    for pair in body.split(|byte| *byte == b'&').filter(|pair| !pair.is_empty()) {
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

/// Reads a form with files. Returns the message, whose `attachments` list the files so that the rules can check them,
/// and the files.
pub async fn read(boundary: String, body: Body) -> Result<(Value, Vec<NewFile>), Refusal> {
    let bytes = body::read(body, MAX_FORM_BYTES).await?;
    let whole = stream::once(async { Ok::<_, Infallible>(bytes) });
    let mut parts = multer::Multipart::new(whole, boundary);
    let (mut fields, mut files, mut text_bytes) = (Fields::default(), Vec::new(), 0);
    while let Some(part) = parts.next_field().await.map_err(broken)? {
        let name = unescape(part.name().ok_or_else(|| Refusal::unreadable("A part of the form has no name"))?);
        let steps = brackets::steps(&name)?;
        let field = if let Some(Step::Key(key)) = steps.first() { key.as_str() } else { &name };
        let Some(file_name) = part.file_name().map(file_name) else {
            if field == "attachments" {
                return Err(Refusal::invalid(FieldErrors::of(field, "must be files")));
            }
            let text = part.bytes().await.map_err(broken)?;
            text_bytes += name.len() + text.len();
            if text_bytes > MAX_BODY_BYTES {
                return Err(Refusal::too_large("The form without its files", MAX_BODY_BYTES));
            }
            let text = std::str::from_utf8(&text).map_err(|_| not_utf8())?;
            fields.insert(&name, with_line_feeds(text))?;
            continue;
        };
        let id = match steps.as_slice() {
            [Step::Key(key), Step::Item] if key == "attachments" => None,
            [Step::Key(key), Step::Key(id)] if key == "attachments" => Some(id.clone()),
            _ => return Err(Refusal::invalid(FieldErrors::of(field, "must not be a file"))),
        };
        if id.is_some() && files.iter().any(|file: &NewFile| file.content_id == id) {
            return Err(Refusal::invalid(FieldErrors::of("attachments", "must not have one `id` twice")));
        }
        if files.len() == MAX_FILES {
            let problem = format!("must not be more than {MAX_FILES}");
            return Err(Refusal::invalid(FieldErrors::of("attachments", &problem)));
        }
        let content_type = part.content_type().map(ToString::to_string).filter(|kind| kind.len() <= MAX_TYPE_BYTES);
        files.push(NewFile {
            content_id: id,
            name: file_name,
            content_type: content_type.unwrap_or_else(|| "application/octet-stream".to_owned()),
            content: part.bytes().await.map_err(broken)?.into(),
        });
    }
    let mut message = fields.into_value();
    if !files.is_empty() {
        message["attachments"] = files.iter().map(described).collect();
    }
    Ok((message, files))
}

/// The entry of `attachments` that the rules check.
fn described(file: &NewFile) -> Value {
    let id = file.content_id.iter().map(|id| ("id".to_owned(), id.as_str().into()));
    Value::Object(id.chain([("file_name".to_owned(), file.name.as_str().into())]).collect::<Map<_, _>>())
}

fn broken(error: multer::Error) -> Refusal {
    Refusal::unreadable(format!("The form cannot be read: {error}"))
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
