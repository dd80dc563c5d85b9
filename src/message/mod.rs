//! The typed model of a message, for Rust, and the forgiving forms that the JavaScript builders take.
//!
//! A typed message serialises to the wire format of [`schema`](crate::schema); a test holds the two in agreement. The
//! flow token is no part of it: the [client](crate::client) adds it.

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
