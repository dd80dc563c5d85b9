//! JSON text, the one format in which values reach the core: the reader, the document that it makes of a text, and the writer.
//!
//! The reader is our own because a document has to say what `serde_json` does not keep: where in the text each value stands, that half
//! of a surrogate pair was there, and what a value is for which there is no JSON. It is fuzzed beside `serde_json`.

mod document;
mod position;
mod read;
#[cfg(test)]
mod tests;
mod write;

pub(crate) use document::{Document, Entries, Items, Node, NotJson, Value};
pub use position::Position;
pub(crate) use position::{Inside, Positions};
pub use read::InvalidJson;
pub(crate) use read::{read, read_from_javascript, unicode_escape};
pub(crate) use write::Writer;

/// How deep objects and arrays may stand in each other (ours): far beyond any message, and short of any stack.
pub(crate) const MAX_DEPTH: usize = 128;

/// The longest text that is read, in bytes (ours): more than the 2^24 UTF-16 code units that JavaScript may hand over take.
/// A value that goes beyond it is [`NotJson::TooLarge`].
pub(crate) const MAX_BYTES: usize = 1 << 26;
