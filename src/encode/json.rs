//! Writes JSON of what is known when it is written: reports, results, failures.

use super::write::Writer;
use crate::text::digits;

/// A JSON text that is being written. A key is that in the object around; the items of an array, and the outermost value,
/// have none.
#[derive(Debug, Default)]
pub struct Json(Writer);

impl Json {
    /// What was written.
    pub fn text(self) -> String {
        self.0.into_text()
    }

    /// Begins an object.
    pub fn object(&mut self, key: Option<&str>) {
        self.raw(key, "{");
    }

    /// Ends it.
    pub fn end_object(&mut self) {
        self.0.byte(b'}');
    }

    /// Begins an array.
    pub fn array(&mut self, key: Option<&str>) {
        self.raw(key, "[");
    }

    /// Ends it.
    pub fn end_array(&mut self) {
        self.0.byte(b']');
    }

    /// A string.
    pub fn string(&mut self, key: Option<&str>, text: &str) {
        self.raw(key, "");
        self.0.string(text);
    }

    /// A number.
    pub fn number(&mut self, key: Option<&str>, number: usize) {
        self.raw(key, &digits(number));
    }

    /// True or false.
    pub fn bool(&mut self, key: Option<&str>, value: bool) {
        self.raw(key, if value { "true" } else { "false" });
    }

    /// Strings, in an array.
    pub fn strings<T: AsRef<str>>(&mut self, key: Option<&str>, texts: &[T]) {
        self.array(key);
        texts.iter().for_each(|text| self.string(None, text.as_ref()));
        self.end_array();
    }

    /// A key, with a comma before it where one belongs, and a text that is JSON or the beginning of some.
    pub fn raw(&mut self, key: Option<&str>, json: &str) {
        self.0.comma();
        if let Some(key) = key {
            self.0.string(key);
            self.0.byte(b':');
        }
        self.0.raw(json);
    }
}

#[cfg(test)]
mod tests {
    use super::Json;

    #[test]
    fn commas_stand_where_they_belong() {
        let mut json = Json::default();
        json.object(None);
        json.string(Some("code"), "required");
        json.array(Some("lines"));
        json.number(None, 3);
        json.bool(None, true);
        json.end_array();
        json.strings(Some("none"), &[""; 0]);
        json.end_object();
        assert_eq!(json.text(), r#"{"code":"required","lines":[3,true],"none":[]}"#);
    }
}
