//! The store: everything that the inbox keeps, behind one interface.
//!
//! A method is one job of a database thread, with these exceptions: `post` stores files in several jobs, `remove_…` deletes
//! in several, and `source_by_token` may need none. `sqlite` holds the SQL; nothing outside it knows any.

mod error;
mod sources_by_token;
mod sqlite;

use std::io;
use std::sync::Arc;
use std::thread::JoinHandle;

use tokio::sync::Mutex;

use crate::bell::Bell;
use crate::clock::Clock;
use crate::domain::grant::{Access, Grant, GrantSummary, Issued, Kind, Refused};
use crate::domain::posting::Post;
use crate::domain::session::Session;
use crate::domain::thread::Offer;
use crate::domain::{
    Application, File, Flow, FlowKey, MessageFilter, NewFile, Organization, Profile, Source, SourceChange,
    StoredMessage, Thread, ThreadCounts, ThreadFilter,
};
use crate::metrics::Metrics;
use crate::secret::Hash;

use sources_by_token::SourcesByToken;
use sqlite::removal::{self, Marked};
use sqlite::{
    applications, files, flows, grants, messages, sessions, sources, thread_counts, thread_list, threads, tokens,
};

pub use error::{FlowError, GrantError, PostError, StoreError};
pub use sqlite::backup::{BackupError, Copied};
pub use sqlite::data_file::{Connections, DataFile, OpenError, Opened};
pub use sqlite::{DataFileGone, FIRST_FLOW, FIRST_ORGANIZATION};

/// Whose token it is, as far as the store knows the token.
#[derive(Debug)]
pub enum Holder {
    /// The owner's API token.
    Owner,
    /// A session of the owner.
    Session(Session),
    /// An application's access token.
    Application(Access),
    /// An access token that has expired.
    Expired,
    /// No token that gives access.
    Unknown,
}

/// A handle of the store. Clones are handles of the same store.
#[derive(Clone)]
pub struct Store {
    sqlite: sqlite::Handle,
    sources: Arc<SourcesByToken>,
    /// Whoever deletes much holds this for each slice. So a post never waits for more than one slice.
    deleting: Arc<Mutex<()>>,
    /// Whoever searches words holds this. So the other readers stay free.
    searching: Arc<Mutex<()>>,
}

impl Store {
    /// Starts the database threads. Join the returned handle to wait until they have ended and closed the file.
    pub fn start(
        connections: Connections,
        bell: Bell,
        clock: Clock,
        metrics: Metrics,
    ) -> io::Result<(Store, JoinHandle<Result<(), DataFileGone>>)> {
        let (sqlite, thread) = sqlite::Handle::start(connections, bell, clock, metrics)?;
        Ok((Store { sqlite, sources: Arc::default(), deleting: Arc::default(), searching: Arc::default() }, thread))
    }

    /// Waits until the writer and a reader have each answered.
    pub async fn ping(&self) -> Result<(), StoreError> {
        self.sqlite.pass().await?;
        self.sqlite.read(|database| flows::list(database).map(drop)).await
    }

    /// A number that rises when messages are deleted. What was read before that may be gone.
    pub fn removals(&self) -> u64 {
        self.sqlite.removals()
    }

    /// How many jobs wait for the writer.
    pub fn waiting(&self) -> usize {
        self.sqlite.waiting()
    }
}

/// Tokens and sessions.
impl Store {
    /// Finds out whose token this is.
    pub async fn holder(&self, hash: Hash) -> Result<Holder, StoreError> {
        self.sqlite
            .read(move |database| {
                if tokens::is_api_token(database, hash)? {
                    return Ok(Holder::Owner);
                }
                if let Some(session) = sessions::by_token(database, hash)? {
                    return Ok(Holder::Session(session));
                }
                match grants::access(database, hash) {
                    Ok(access) => Ok(Holder::Application(access)),
                    Err(GrantError::Refused(Refused::Expired)) => Ok(Holder::Expired),
                    Err(GrantError::Refused(_)) => Ok(Holder::Unknown),
                    Err(GrantError::Store(error)) => Err(error),
                }
            })
            .await
    }

    /// Begins a session and returns it with its token.
    pub async fn begin_session(&self, browser: String) -> Result<(Session, String), StoreError> {
        self.sqlite.write(move |database| sessions::create(database, &browser)).await
    }

    /// Lets a session last for its whole time again. `None` if it has ended.
    pub async fn renew_session(&self, id: i64) -> Result<Option<Session>, StoreError> {
        self.sqlite.write(move |database| sessions::renew(database, id)).await
    }

    /// Lists the sessions that have not ended.
    pub async fn sessions(&self) -> Result<Vec<Session>, StoreError> {
        self.sqlite.read(sessions::list).await
    }

    /// Ends a session. Returns whether there was one.
    pub async fn end_session(&self, id: i64) -> Result<bool, StoreError> {
        self.sqlite.write(move |database| sessions::end(database, id)).await
    }
}

/// Grants.
impl Store {
    /// Stores a grant and returns its code.
    pub async fn create_grant(&self, grant: Grant) -> Result<String, StoreError> {
        self.sqlite.write(move |database| grants::create(database, &grant)).await
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
        self.sqlite
            .write(move |database| {
                grants::redeem(database, kind, hash, application, token_lifetime_ms, fits, is_lasting)
            })
            .await
    }

    /// Lists the grants that give access.
    pub async fn grants(&self) -> Result<Vec<GrantSummary>, StoreError> {
        self.sqlite.read(grants::list).await
    }

    /// Ends a grant with everything that was issued for it. Returns whether there was one.
    pub async fn revoke_grant(&self, id: i64) -> Result<bool, StoreError> {
        self.sqlite.write(move |database| grants::revoke(database, id)).await
    }

    /// Ends an access token, or the grant of a refresh token, if it belongs to this application.
    pub async fn revoke_token(&self, hash: Hash, application: i64) -> Result<(), StoreError> {
        self.sqlite.write(move |database| grants::revoke_token(database, hash, application)).await
    }
}

/// Applications.
impl Store {
    /// Lists all applications.
    pub async fn applications(&self) -> Result<Vec<Application>, StoreError> {
        self.sqlite.read(applications::list).await
    }

    /// Finds an application by its id.
    pub async fn application(&self, id: i64) -> Result<Option<Application>, StoreError> {
        self.sqlite.read(move |database| applications::by_id(database, id)).await
    }

    /// Finds an application by its client id.
    pub async fn application_by_client_id(&self, client_id: &str) -> Result<Option<Application>, StoreError> {
        let client_id = client_id.to_owned();
        self.sqlite.read(move |database| applications::by_client_id(database, &client_id)).await
    }

    /// Registers an application.
    pub async fn create_application(&self, profile: Profile) -> Result<Application, StoreError> {
        self.sqlite.write(move |database| applications::create(database, profile)).await
    }

    /// Stores the changed profile of an application. Returns the application.
    pub async fn update_application(&self, id: i64, profile: Profile) -> Result<Option<Application>, StoreError> {
        self.sqlite
            .write(move |database| {
                applications::update(database, id, &profile)?;
                applications::by_id(database, id)
            })
            .await
    }

    /// Gives an application a new client secret. Returns the application.
    pub async fn renew_secret(&self, id: i64) -> Result<Option<Application>, StoreError> {
        self.sqlite
            .write(move |database| {
                applications::renew_secret(database, id)?;
                applications::by_id(database, id)
            })
            .await
    }

    /// Removes an application with its sources and its grants.
    pub async fn remove_application(&self, id: i64) -> Result<(), StoreError> {
        self.sqlite.write(move |database| applications::remove(database, id)).await
    }

    /// The secret that signs the actions that a source offers. `None` if the source or its application was removed.
    pub async fn signing_secret(&self, source: i64) -> Result<Option<String>, StoreError> {
        self.sqlite.read(move |database| applications::signing_secret(database, source)).await
    }
}

/// Flows.
impl Store {
    /// Finds a flow by the parameterized names of its organisation and itself.
    pub async fn flow(&self, organization: &str, flow: &str) -> Result<Option<Flow>, StoreError> {
        let (organization, flow) = (organization.to_owned(), flow.to_owned());
        self.sqlite.read(move |database| flows::find(database, &organization, &flow)).await
    }

    /// Finds a flow by its id.
    pub async fn flow_by_id(&self, id: &str) -> Result<Option<Flow>, StoreError> {
        let id = id.to_owned();
        self.sqlite.read(move |database| flows::by_id(database, &id)).await
    }

    /// Lists all flows.
    pub async fn flows(&self) -> Result<Vec<Flow>, StoreError> {
        self.sqlite.read(flows::list).await
    }

    /// Creates a flow in the organisation with this id.
    pub async fn create_flow(&self, organization: i64, name: String) -> Result<Flow, FlowError> {
        self.sqlite.write(move |database| flows::create(database, organization, &name)).await
    }

    /// Gives a flow another name, and returns the flow. Its name in paths stays. `None` if it was removed.
    pub async fn rename_flow(&self, flow: Flow, name: String) -> Result<Option<Flow>, FlowError> {
        self.sqlite.write(move |database| flows::rename(database, &flow, &name)).await
    }

    /// Lists all organisations.
    pub async fn organizations(&self) -> Result<Vec<Organization>, StoreError> {
        self.sqlite.read(flows::organizations).await
    }

    /// Gives an organisation another name, and returns the organisation. Its name in paths stays.
    pub async fn rename_organization(&self, id: i64, name: String) -> Result<Option<Organization>, StoreError> {
        self.sqlite.write(move |database| flows::rename_organization(database, id, &name)).await
    }
}

/// Sources.
impl Store {
    /// Finds the source with this flow token, even if it was removed.
    pub async fn source_by_token(&self, hash: Hash) -> Result<Option<Source>, StoreError> {
        let changes = self.sqlite.changes();
        if let Some(source) = self.sources.get(changes, &hash) {
            return Ok(Some(source));
        }
        let source = self.sqlite.read(move |database| sources::by_token(database, hash)).await?;
        if let Some(source) = &source {
            self.sources.put(changes, hash, source.clone());
        }
        Ok(source)
    }

    /// Finds a source of the flow by its id, unless it was removed.
    pub async fn source(&self, flow: FlowKey, id: i64) -> Result<Option<Source>, StoreError> {
        self.sqlite.read(move |database| sources::by_id(database, flow, id)).await
    }

    /// Lists the sources of one flow or of all flows, without those that were removed.
    pub async fn sources(&self, flow: Option<FlowKey>) -> Result<Vec<Source>, StoreError> {
        self.sqlite.read(move |database| sources::list(database, flow)).await
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
        self.sqlite
            .write(move |database| sources::create(database, flow, application, &name, external_url.as_deref()))
            .await
    }

    /// Changes a source and returns the changed source.
    pub async fn update_source(&self, id: i64, change: SourceChange) -> Result<Option<Source>, StoreError> {
        self.sqlite.write(move |database| sources::update(database, id, change)).await
    }

    /// Marks a source as removed. A post with its flow token then gets a 410. Its threads and messages stay.
    pub async fn remove_source(&self, id: i64) -> Result<(), StoreError> {
        self.sqlite.write(move |database| sources::remove(database, id)).await
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
        let store = self.clone();
        tokio::spawn(async move { store.add(post).await }).await.unwrap_or(Err(StoreError::Closed.into()))
    }

    /// Stores the contents of the files chunk by chunk, so that the posts of others come in between, and then the message.
    async fn add(&self, mut post: Post) -> Result<Option<StoredMessage>, PostError> {
        let ids = post.files.iter().map(|_| files::new_id()).collect::<Result<Vec<_>, _>>()?;
        let contents: Vec<_> = post.files.iter_mut().map(NewFile::take_content).collect();
        let stored = async {
            for (id, content) in ids.iter().zip(contents) {
                self.keep(id, content).await?;
            }
            self.sqlite.post(post, ids.clone()).await
        }
        .await;
        if stored.is_err() && !ids.is_empty() {
            self.sqlite.write(move |database| files::discard(&database.connection, &ids)).await?;
        }
        stored
    }

    /// Stores the content of a file in chunks.
    async fn keep(&self, id: &str, content: Vec<u8>) -> Result<(), StoreError> {
        let content: Arc<[u8]> = content.into();
        for (number, start) in (0..content.len()).step_by(files::CHUNK_BYTES).enumerate() {
            let (id, content) = (id.to_owned(), Arc::clone(&content));
            self.sqlite
                .write(move |database| {
                    let end = content.len().min(start + files::CHUNK_BYTES);
                    files::add_chunk(database, &id, number, &content[start..end])
                })
                .await?;
        }
        Ok(())
    }

    /// Finds the ids of the messages of a list, from old to new.
    pub async fn message_ids(&self, flow: FlowKey, filter: MessageFilter) -> Result<Vec<i64>, StoreError> {
        let _turn = if filter.words.is_empty() { None } else { Some(self.searching.lock().await) };
        self.sqlite.read(move |database| messages::ids(database, flow, &filter)).await
    }

    /// The JSON of the messages with these ids, until a page is full, and the number of ids that were looked at.
    pub async fn messages(&self, flow: FlowKey, ids: Vec<i64>) -> Result<(Vec<String>, usize), StoreError> {
        self.sqlite.read(move |database| messages::page(database, flow, &ids)).await
    }

    /// The next messages after this id, from old to new, until a page is full.
    pub async fn messages_after(&self, flow: FlowKey, id: i64) -> Result<Vec<StoredMessage>, StoreError> {
        self.sqlite.read(move |database| messages::after(database, flow, id)).await
    }

    /// Finds a message of the flow by its id.
    pub async fn message(&self, flow: FlowKey, id: i64) -> Result<Option<StoredMessage>, StoreError> {
        self.sqlite.read(move |database| messages::by_id(database, flow, id)).await
    }

    /// The id of the flow's last message, even if that was removed; 0 if there was none yet. `None` if the flow was removed.
    pub async fn last_message_id(&self, flow: FlowKey) -> Result<Option<i64>, StoreError> {
        self.sqlite.read(move |database| messages::last_id(database, flow)).await
    }

    /// Finds a thread of the flow by its id.
    pub async fn thread(&self, flow: FlowKey, id: &str) -> Result<Option<Thread>, StoreError> {
        let id = id.to_owned();
        self.sqlite.read(move |database| threads::by_id(database, flow, &id)).await
    }

    /// Finds a thread of the flow by its id, with the source that offered its actions.
    pub async fn offer(&self, flow: FlowKey, id: &str) -> Result<Option<Offer>, StoreError> {
        let id = id.to_owned();
        self.sqlite.read(move |database| threads::offer(database, flow, &id)).await
    }

    /// Finds the ids of the threads of a list. The thread that was updated last comes first.
    pub async fn thread_ids(&self, flow: FlowKey, filter: ThreadFilter) -> Result<Vec<String>, StoreError> {
        let _turn = if filter.words.is_empty() { None } else { Some(self.searching.lock().await) };
        self.sqlite.read(move |database| thread_list::ids(database, flow, &filter)).await
    }

    /// The JSON of the threads with these ids, until a page is full, and the number of ids that were looked at. With
    /// `with_message`, each thread has its newest message.
    pub async fn threads(
        &self,
        flow: FlowKey,
        ids: Vec<String>,
        with_message: bool,
    ) -> Result<(Vec<String>, usize), StoreError> {
        self.sqlite.read(move |database| threads::page(database, flow, &ids, with_message)).await
    }

    /// Counts the threads of a flow. `None` if the flow was removed.
    pub async fn thread_counts(&self, flow: FlowKey) -> Result<Option<ThreadCounts>, StoreError> {
        self.sqlite.read(move |database| thread_counts::read(database, flow)).await
    }

    /// Finds a file of the flow by its id.
    pub async fn file(&self, flow: FlowKey, id: &str) -> Result<Option<File>, StoreError> {
        let id = id.to_owned();
        self.sqlite.read(move |database| files::by_id(database, flow, &id)).await
    }

    /// A chunk of the content of a file. `None` after the last one.
    pub async fn file_chunk(&self, file: &str, number: usize) -> Result<Option<Vec<u8>>, StoreError> {
        let file = file.to_owned();
        self.sqlite.read(move |database| files::chunk(database, &file, number)).await
    }
}

/// Removal. Each slice of what is deleted is one job of the writer, so posts come in between.
impl Store {
    /// Removes a message of the flow. Returns whether there was one.
    pub async fn remove_message(&self, flow: FlowKey, id: i64) -> Result<bool, StoreError> {
        let _turn = self.deleting.lock().await;
        self.sqlite.delete(move |database| removal::remove_message(database, flow, id)).await
    }

    /// Removes a thread of the flow with its messages. Returns whether there was one.
    ///
    /// Nobody finds the thread any more as soon as this begins, and its messages when this returns. It goes on even if nobody
    /// waits for it any more.
    pub async fn remove_thread(&self, flow: FlowKey, id: String) -> Result<bool, StoreError> {
        let store = self.clone();
        let removed = tokio::spawn(async move {
            let marked = Marked::Thread(id.clone());
            let is_there = store.sqlite.write(move |database| removal::mark_thread(database, flow, &id)).await?;
            if is_there {
                store.delete(marked).await?;
            }
            Ok(is_there)
        });
        removed.await.unwrap_or(Err(StoreError::Closed))
    }

    /// Removes a flow with everything in it. Returns whether there was one.
    ///
    /// When this returns, nobody finds the flow any more. Its rows are deleted afterwards. If that fails,
    /// [`Store::finish_removals`] goes on with it.
    pub async fn remove_flow(&self, flow: FlowKey) -> Result<bool, FlowError> {
        let is_there = self.sqlite.write(move |database| removal::mark_flow(database, flow)).await?;
        if is_there {
            let store = self.clone();
            tokio::spawn(async move { store.delete(Marked::Flow(flow)).await });
        }
        Ok(is_there)
    }

    /// Deletes what is left of threads and flows that were removed.
    pub async fn finish_removals(&self) -> Result<(), StoreError> {
        while let Some(marked) = self.sqlite.read(removal::next_marked).await? {
            self.delete(marked).await?;
        }
        Ok(())
    }

    /// Removes the messages that came before this time, in milliseconds since 1970.
    pub async fn remove_older(&self, before_ms: i64) -> Result<(), StoreError> {
        loop {
            let _turn = self.deleting.lock().await;
            if !self.sqlite.delete(move |database| removal::delete_older(database, before_ms)).await? {
                return Ok(());
            }
        }
    }

    /// Deletes something that is marked as removed, slice by slice.
    async fn delete(&self, marked: Marked) -> Result<(), StoreError> {
        loop {
            let (_turn, marked) = (self.deleting.lock().await, marked.clone());
            if !self.sqlite.delete(move |database| removal::delete_slice(database, &marked)).await? {
                return Ok(());
            }
        }
    }
}
