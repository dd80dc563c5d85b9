//! The typed model of a message for Rust, and the shorthand that the JavaScript builders take.
//!
//! A typed message serialises to the wire format that [`schema`](crate::schema) describes, and a test checks that the
//! two agree. The flow token is not part of the model: the [client](crate::client) adds it.

mod action;
mod attachment;
mod author;
mod builder;
mod draft;
mod event;
mod lower_case;
mod parts;
mod tags;
mod thread;

pub use action::{Action, EntryPoint, HttpMethod};
pub use attachment::Attachment;
pub use author::Author;
pub use builder::Builder;
pub use event::{Activity, ChatMessage, Discussion, Message, Titled};
pub(crate) use parts::{Event, message_from_parts, thread_from_parts};
pub use tags::normalize_tags;
pub use thread::{Color, Field, Status, Thread};
