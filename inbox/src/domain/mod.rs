//! What the inbox keeps, and the rules of what happens to it. Nothing here reads a request or runs SQL.

pub mod application;
pub mod field_errors;
pub mod file;
pub mod flow;
pub mod grant;
pub mod hashtags;
pub mod holder;
pub mod message;
pub mod owner;
pub mod posting;
pub mod push;
pub mod rules;
pub mod search;
pub mod secrets;
pub mod session;
pub mod source;
pub mod thread;

pub use application::{Application, Credentials, Profile};
pub use field_errors::FieldErrors;
pub use file::{File, NewFile};
pub use flow::{Flow, FlowKey, Organization};
pub use holder::Holder;
pub use message::{MessageFilter, Order, StoredMessage};
pub use secrets::{Secrets, Tokens};
pub use source::{Source, SourceApplication, SourceChange};
pub use thread::{Thread, ThreadCounts, ThreadFilter};
