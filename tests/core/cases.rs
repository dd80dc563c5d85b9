//! The cases in `tests/fixtures`, which the tests of the npm package read as well.

use std::fs;
use std::path::{Path, PathBuf};

use flowdock_integration::Options;
use serde::Deserialize;
use serde_json::{Map, Value};

pub fn fixture(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(path)
}

pub fn read(path: &str) -> Value {
    serde_json::from_str(&fs::read_to_string(fixture(path)).unwrap()).unwrap()
}

/// One case: a message, the changes to it, and the report on the result.
#[derive(Deserialize)]
pub struct Case {
    /// The path of the rule that the case is about.
    pub row: String,
    pub name: String,
    /// The name of the message in `messages.json` that is changed, or `none`.
    pub base: String,
    /// The values to set, by JSON Pointer. `{ repeat, times }` means a long string.
    #[serde(default)]
    pub set: Map<String, Value>,
    /// The keys to remove, as JSON Pointers.
    #[serde(default)]
    pub unset: Vec<String>,
    #[serde(default)]
    pub options: Map<String, Value>,
    /// The expected violations as `severity code path`, in the order of the report.
    pub report: Vec<String>,
}

impl Case {
    pub fn all() -> Vec<Case> {
        serde_json::from_value(read("rules.json")).unwrap()
    }

    pub fn options(&self) -> Options {
        match self.options.get("thread").and_then(Value::as_str) {
            Some("optional") => Options::default().thread_optional(),
            _ => Options::default(),
        }
    }

    pub fn message(&self) -> Value {
        let mut message = match self.base.as_str() {
            "none" => Value::Object(Map::new()),
            base => read("messages.json")[base].clone(),
        };
        for path in &self.unset {
            let (parent, key) = parent(&mut message, path);
            parent.shift_remove(&key);
        }
        for (path, value) in &self.set {
            let (parent, key) = parent(&mut message, path);
            let long = value["repeat"].as_str().zip(value["times"].as_u64());
            let value = long.map_or(value.clone(), |(text, times)| text.repeat(times as usize).into());
            parent.insert(key, value);
        }
        message
    }
}

/// Returns the object that contains the value of a JSON Pointer, and the value's key.
fn parent<'a>(message: &'a mut Value, path: &str) -> (&'a mut Map<String, Value>, String) {
    let (parent, key) = path.rsplit_once('/').unwrap();
    let key = key.replace("~1", "/").replace("~0", "~");
    (message.pointer_mut(parent).unwrap().as_object_mut().unwrap(), key)
}
