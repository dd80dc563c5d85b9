//! Sources. A source is the right of an application to post to one flow about one external entity.

use super::Flow;
use crate::secret::Hash;

/// How many sources an application may have. A list shows all of them.
pub const MAX_SOURCES: i64 = 1000;

/// A source: whoever has its flow token posts to its flow.
#[derive(Clone, Debug)]
pub struct Source {
    /// The source's id.
    pub id: i64,
    /// The flow to which the source posts.
    pub flow: Flow,
    /// The name of the external entity, such as a repository or a project.
    pub name: String,
    /// The URL of the external entity.
    pub external_url: Option<String>,
    /// A problem of the source, which the users of the flow see.
    pub error_message: Option<String>,
    /// The URL where a user configures this source, if it differs from the application's.
    pub configuration_url: Option<String>,
    /// When the source was created, in milliseconds since 1970.
    pub created_ms: i64,
    /// When the source was last changed, in milliseconds since 1970.
    pub updated_ms: i64,
    /// When the source last posted a message, in milliseconds since 1970.
    pub last_message_ms: Option<i64>,
    /// Whether a user removed the source.
    pub removed: bool,
    /// The application to which the source belongs.
    pub application: SourceApplication,
    /// The hash of its flow token.
    pub token: Hash,
}

/// The data of an application that its sources show.
#[derive(Clone, Debug)]
pub struct SourceApplication {
    /// The application's id.
    pub id: i64,
    /// The name that people see.
    pub name: String,
    /// The URL of the application's icon.
    pub icon_url: Option<String>,
    /// The URL where a user configures a source of the application.
    pub configuration_uri: Option<String>,
}

/// A change of a source. `None` leaves a field as it is; `Some(None)` clears it.
#[derive(Debug, Default)]
pub struct SourceChange {
    /// The new value of [`Source::error_message`].
    pub error_message: Option<Option<String>>,
    /// The new value of [`Source::configuration_url`].
    pub configuration_url: Option<Option<String>>,
}
