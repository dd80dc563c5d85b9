//! The store: everything that the inbox keeps, behind one interface with two engines.
//!
//! `sqlite` and `postgres` hold the SQL; nothing outside them knows any. What a post does is decided by
//! [`posting::apply`](crate::domain::posting::apply) for both.

mod copy;
mod error;
mod page;
mod place;
mod postgres;
mod select;
mod slice;
mod sources_by_token;
mod sqlite;

use crate::domain::grant::{Grant, GrantSummary, Issued, Kind, Refused};
use crate::domain::posting::Post;
use crate::domain::session::Session;
use crate::domain::thread::Offer;
use crate::domain::{
    Application, File, Flow, FlowKey, Holder, MessageFilter, Organization, Profile, Source, SourceChange,
    StoredMessage, Thread, ThreadCounts, ThreadFilter,
};
use crate::secret::Hash;

pub use copy::{CopyError, End, copy};
pub use error::{FlowError, GrantError, PostError, StoreError};
pub use place::{Opened, Place, PlaceError};
pub use postgres::{DatabaseUrl, Listening};
pub use sqlite::DataFileGone;
pub use sqlite::backup::{BackupError, Copied};
pub use sqlite::data_file::{DataFile, OpenError};

/// A handle of the store. Clones are handles of the same store.
#[derive(Clone)]
pub enum Store {
    /// In a SQLite file.
    Sqlite(sqlite::Store),
    /// In a PostgreSQL database.
    Postgres(postgres::Store),
}

/// Calls the same method of either engine.
macro_rules! on_engine {
    ($store:expr, $engine:ident => $call:expr) => {
        match $store {
            Store::Sqlite($engine) => $call,
            Store::Postgres($engine) => $call,
        }
    };
}

impl Store {
    /// Waits until the database has answered.
    pub async fn ping(&self) -> Result<(), StoreError> {
        on_engine!(self, store => store.ping().await)
    }

    /// The secret that signs the forms of pages. `--new-tokens` replaces it.
    pub async fn form_secret(&self) -> Result<String, StoreError> {
        on_engine!(self, store => store.form_secret().await)
    }

    /// A number that rises when messages are deleted. What was read before that may be gone.
    pub fn removals(&self) -> u64 {
        on_engine!(self, store => store.removals())
    }

    /// How many operations wait: in SQLite all that write, in PostgreSQL posts.
    pub fn waiting(&self) -> usize {
        on_engine!(self, store => store.waiting())
    }
}

/// Tokens and sessions.
impl Store {
    /// Finds out whose token this is.
    pub async fn holder(&self, hash: Hash) -> Result<Holder, StoreError> {
        on_engine!(self, store => store.holder(hash).await)
    }

    /// Begins a session and returns it with its token.
    pub async fn begin_session(&self, browser: String) -> Result<(Session, String), StoreError> {
        on_engine!(self, store => store.begin_session(browser).await)
    }

    /// Lets a session last for its whole time again. `None` if it has ended.
    pub async fn renew_session(&self, id: i64) -> Result<Option<Session>, StoreError> {
        on_engine!(self, store => store.renew_session(id).await)
    }

    /// Lists the sessions that have not ended.
    pub async fn sessions(&self) -> Result<Vec<Session>, StoreError> {
        on_engine!(self, store => store.sessions().await)
    }

    /// Ends a session. Returns whether there was one.
    pub async fn end_session(&self, id: i64) -> Result<bool, StoreError> {
        on_engine!(self, store => store.end_session(id).await)
    }
}

/// Grants.
impl Store {
    /// Stores a grant and returns its code.
    pub async fn create_grant(&self, grant: Grant) -> Result<String, StoreError> {
        on_engine!(self, store => store.create_grant(grant).await)
    }

    /// Exchanges a code or a refresh token for tokens. The code or refresh token is used up by that.
    ///
    /// `fits` checks the request against the grant. If it refuses, the code or refresh token stays valid, so that the
    /// application can correct its mistake. `is_lasting` says whether these scopes include a refresh token.
    pub async fn redeem(
        &self,
        kind: Kind,
        hash: Hash,
        application: i64,
        token_lifetime_ms: i64,
        fits: impl FnOnce(&Grant) -> Result<(), Refused> + Send + 'static,
        is_lasting: impl FnOnce(&str) -> bool + Send + 'static,
    ) -> Result<Issued, GrantError> {
        on_engine!(self, store => store.redeem(kind, hash, application, token_lifetime_ms, fits, is_lasting).await)
    }

    /// Lists the grants that give access.
    pub async fn grants(&self) -> Result<Vec<GrantSummary>, StoreError> {
        on_engine!(self, store => store.grants().await)
    }

    /// Ends a grant with everything that was issued for it. Returns whether there was one.
    pub async fn revoke_grant(&self, id: i64) -> Result<bool, StoreError> {
        on_engine!(self, store => store.revoke_grant(id).await)
    }

    /// Ends an access token, or the grant of a refresh token, if it belongs to this application.
    pub async fn revoke_token(&self, hash: Hash, application: i64) -> Result<(), StoreError> {
        on_engine!(self, store => store.revoke_token(hash, application).await)
    }
}

/// Applications.
impl Store {
    /// Lists all applications.
    pub async fn applications(&self) -> Result<Vec<Application>, StoreError> {
        on_engine!(self, store => store.applications().await)
    }

    /// Finds an application by its id.
    pub async fn application(&self, id: i64) -> Result<Option<Application>, StoreError> {
        on_engine!(self, store => store.application(id).await)
    }

    /// Finds an application by its client id.
    pub async fn application_by_client_id(&self, client_id: &str) -> Result<Option<Application>, StoreError> {
        on_engine!(self, store => store.application_by_client_id(client_id).await)
    }

    /// Registers an application.
    pub async fn create_application(&self, profile: Profile) -> Result<Application, StoreError> {
        on_engine!(self, store => store.create_application(profile).await)
    }

    /// Stores the changed profile of an application. Returns the application.
    pub async fn update_application(&self, id: i64, profile: Profile) -> Result<Option<Application>, StoreError> {
        on_engine!(self, store => store.update_application(id, profile).await)
    }

    /// Gives an application a new client secret. Returns the application.
    pub async fn renew_secret(&self, id: i64) -> Result<Option<Application>, StoreError> {
        on_engine!(self, store => store.renew_secret(id).await)
    }

    /// Removes an application with its sources and its grants.
    pub async fn remove_application(&self, id: i64) -> Result<(), StoreError> {
        on_engine!(self, store => store.remove_application(id).await)
    }

    /// The secret that signs the actions that a source offers. `None` if the source or its application was removed.
    pub async fn signing_secret(&self, source: i64) -> Result<Option<String>, StoreError> {
        on_engine!(self, store => store.signing_secret(source).await)
    }
}

/// Flows.
impl Store {
    /// Finds a flow by the parameterized names of its organisation and itself.
    pub async fn flow(&self, organization: &str, flow: &str) -> Result<Option<Flow>, StoreError> {
        on_engine!(self, store => store.flow(organization, flow).await)
    }

    /// Finds a flow by its id.
    pub async fn flow_by_id(&self, id: &str) -> Result<Option<Flow>, StoreError> {
        on_engine!(self, store => store.flow_by_id(id).await)
    }

    /// Lists all flows.
    pub async fn flows(&self) -> Result<Vec<Flow>, StoreError> {
        on_engine!(self, store => store.flows().await)
    }

    /// Creates a flow in the organisation with this id.
    pub async fn create_flow(&self, organization: i64, name: String) -> Result<Flow, FlowError> {
        on_engine!(self, store => store.create_flow(organization, name).await)
    }

    /// Gives a flow another name, and returns the flow. Its name in paths stays. `None` if it was removed.
    pub async fn rename_flow(&self, flow: Flow, name: String) -> Result<Option<Flow>, FlowError> {
        on_engine!(self, store => store.rename_flow(flow, name).await)
    }

    /// Lists all organisations.
    pub async fn organizations(&self) -> Result<Vec<Organization>, StoreError> {
        on_engine!(self, store => store.organizations().await)
    }

    /// Gives an organisation another name, and returns the organisation. Its name in paths stays.
    pub async fn rename_organization(&self, id: i64, name: String) -> Result<Option<Organization>, StoreError> {
        on_engine!(self, store => store.rename_organization(id, name).await)
    }
}

/// Sources.
impl Store {
    /// Finds the source with this flow token, even if it was removed.
    pub async fn source_by_token(&self, hash: Hash) -> Result<Option<Source>, StoreError> {
        on_engine!(self, store => store.source_by_token(hash).await)
    }

    /// Finds a source of the flow by its id, unless it was removed.
    pub async fn source(&self, flow: FlowKey, id: i64) -> Result<Option<Source>, StoreError> {
        on_engine!(self, store => store.source(flow, id).await)
    }

    /// Lists the sources of one flow or of all flows, without those that were removed.
    pub async fn sources(&self, flow: Option<FlowKey>) -> Result<Vec<Source>, StoreError> {
        on_engine!(self, store => store.sources(flow).await)
    }

    /// Creates a source. Returns it with its flow token; `None` if there is no such application or no such flow, or if the
    /// application has the largest number of sources already.
    pub async fn create_source(
        &self,
        flow: FlowKey,
        application: i64,
        name: String,
        external_url: Option<String>,
    ) -> Result<Option<(Source, String)>, StoreError> {
        on_engine!(self, store => store.create_source(flow, application, name, external_url).await)
    }

    /// Changes a source and returns the changed source.
    pub async fn update_source(&self, id: i64, change: SourceChange) -> Result<Option<Source>, StoreError> {
        on_engine!(self, store => store.update_source(id, change).await)
    }

    /// Marks a source as removed. A post with its flow token then gets a 410. Its threads and messages stay.
    pub async fn remove_source(&self, id: i64) -> Result<(), StoreError> {
        on_engine!(self, store => store.remove_source(id).await)
    }
}

/// Messages, threads and files.
impl Store {
    /// Stores a post. When this returns, its message is on the disk. `None` if it was stored before, and its message was
    /// removed since.
    ///
    /// The post is stored to its end even if nobody waits for it any more: a client may close its connection as soon as it
    /// has sent a message, and no part of a file may stay without its message.
    pub async fn post(&self, post: Post) -> Result<Option<StoredMessage>, PostError> {
        on_engine!(self, store => store.post(post).await)
    }

    /// Finds the ids of the messages of a list, from old to new.
    pub async fn message_ids(&self, flow: FlowKey, filter: MessageFilter) -> Result<Vec<i64>, StoreError> {
        on_engine!(self, store => store.message_ids(flow, filter).await)
    }

    /// The JSON of the messages with these ids, until a page is full, and the number of ids that were looked at.
    pub async fn messages(&self, flow: FlowKey, ids: Vec<i64>) -> Result<(Vec<String>, usize), StoreError> {
        on_engine!(self, store => store.messages(flow, ids).await)
    }

    /// The next messages after this id, from old to new, until a page is full.
    pub async fn messages_after(&self, flow: FlowKey, id: i64) -> Result<Vec<StoredMessage>, StoreError> {
        on_engine!(self, store => store.messages_after(flow, id).await)
    }

    /// Finds a message of the flow by its id.
    pub async fn message(&self, flow: FlowKey, id: i64) -> Result<Option<StoredMessage>, StoreError> {
        on_engine!(self, store => store.message(flow, id).await)
    }

    /// The id of the flow's last message, even if that was removed; 0 if there was none yet. `None` if the flow was removed.
    pub async fn last_message_id(&self, flow: FlowKey) -> Result<Option<i64>, StoreError> {
        on_engine!(self, store => store.last_message_id(flow).await)
    }

    /// Finds a thread of the flow by its id.
    pub async fn thread(&self, flow: FlowKey, id: &str) -> Result<Option<Thread>, StoreError> {
        on_engine!(self, store => store.thread(flow, id).await)
    }

    /// Finds a thread of the flow by its id, with the source that offered its actions.
    pub async fn offer(&self, flow: FlowKey, id: &str) -> Result<Option<Offer>, StoreError> {
        on_engine!(self, store => store.offer(flow, id).await)
    }

    /// Finds the ids of the threads of a list. The thread that was updated last comes first.
    pub async fn thread_ids(&self, flow: FlowKey, filter: ThreadFilter) -> Result<Vec<String>, StoreError> {
        on_engine!(self, store => store.thread_ids(flow, filter).await)
    }

    /// The JSON of the threads with these ids, until a page is full, and the number of ids that were looked at. With
    /// `with_message`, each thread has its newest message.
    pub async fn threads(
        &self,
        flow: FlowKey,
        ids: Vec<String>,
        with_message: bool,
    ) -> Result<(Vec<String>, usize), StoreError> {
        on_engine!(self, store => store.threads(flow, ids, with_message).await)
    }

    /// Counts the threads of a flow. `None` if the flow was removed.
    pub async fn thread_counts(&self, flow: FlowKey) -> Result<Option<ThreadCounts>, StoreError> {
        on_engine!(self, store => store.thread_counts(flow).await)
    }

    /// Finds a file of the flow by its id.
    pub async fn file(&self, flow: FlowKey, id: &str) -> Result<Option<File>, StoreError> {
        on_engine!(self, store => store.file(flow, id).await)
    }

    /// A chunk of the content of a file. `None` after the last one.
    pub async fn file_chunk(&self, file: &str, number: usize) -> Result<Option<Vec<u8>>, StoreError> {
        on_engine!(self, store => store.file_chunk(file, number).await)
    }
}

/// Removal. Each slice of what is deleted is a transaction of its own, so posts come in between.
impl Store {
    /// Removes a message of the flow. Returns whether there was one.
    pub async fn remove_message(&self, flow: FlowKey, id: i64) -> Result<bool, StoreError> {
        on_engine!(self, store => store.remove_message(flow, id).await)
    }

    /// Removes a thread of the flow with its messages. Returns whether there was one.
    ///
    /// Nobody finds the thread any more as soon as this begins, and its messages when this returns. It goes on even if nobody
    /// waits for it any more.
    pub async fn remove_thread(&self, flow: FlowKey, id: String) -> Result<bool, StoreError> {
        on_engine!(self, store => store.remove_thread(flow, id).await)
    }

    /// Removes a flow with everything in it. Returns whether there was one.
    ///
    /// When this returns, nobody finds the flow any more. Its rows are deleted afterwards. If that fails,
    /// [`Store::finish_removals`] goes on with it.
    pub async fn remove_flow(&self, flow: FlowKey) -> Result<bool, FlowError> {
        on_engine!(self, store => store.remove_flow(flow).await)
    }

    /// Deletes what is left of threads and flows that were removed.
    pub async fn finish_removals(&self) -> Result<(), StoreError> {
        on_engine!(self, store => store.finish_removals().await)
    }

    /// Deletes the files whose message was never stored.
    pub async fn discard_abandoned_files(&self) -> Result<(), StoreError> {
        on_engine!(self, store => store.discard_abandoned_files().await)
    }

    /// Forgets the posts that are too old to be recognised when they come again.
    pub async fn forget_posts(&self) -> Result<(), StoreError> {
        on_engine!(self, store => store.forget_posts().await)
    }

    /// Removes the messages that came before this time, in milliseconds since 1970.
    pub async fn remove_older(&self, before_ms: i64) -> Result<(), StoreError> {
        on_engine!(self, store => store.remove_older(before_ms).await)
    }
}
