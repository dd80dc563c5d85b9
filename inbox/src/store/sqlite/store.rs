//! The operations of the store on SQLite. A method is one job of a database thread, with these exceptions: `post` stores files in
//! several jobs, `remove_…` deletes in several, and `source_by_token` may need none.

use std::io;
use std::sync::Arc;
use std::thread::JoinHandle;

use tokio::sync::Mutex;

use super::data_file::Connections;
use super::handle::{DataFileGone, Handle};
use super::removal::{self, Marked};
use super::{
    applications, files, flows, grants, messages, sessions, sources, thread_counts, thread_list, threads, tokens,
};
use crate::bell::Bell;
use crate::clock::Clock;
use crate::domain::file::CHUNK_BYTES;
use crate::domain::grant::{Grant, GrantSummary, Issued, Kind, Refused};
use crate::domain::posting::Post;
use crate::domain::session::Session;
use crate::domain::thread::Offer;
use crate::domain::{
    Application, File, Flow, FlowKey, Holder, MessageFilter, NewFile, Organization, Profile, Source, SourceChange,
    StoredMessage, Thread, ThreadCounts, ThreadFilter,
};
use crate::metrics::Metrics;
use crate::secret::{self, Hash};
use crate::store::sources_by_token::SourcesByToken;
use crate::store::{FlowError, GrantError, PostError, StoreError};

/// The store of one data file. Clones are handles of the same store.
#[derive(Clone)]
pub struct Store {
    handle: Handle,
    sources: Arc<SourcesByToken>,
    /// Whoever deletes much holds this for each slice. So a post never waits for more than one slice.
    deleting: Arc<Mutex<()>>,
    /// Whoever searches words holds this. So the other readers stay free.
    searching: Arc<Mutex<()>>,
    form_secret: Arc<str>,
}

impl Store {
    /// Starts the database threads. Join the returned handle to wait until they have ended and closed the file.
    pub fn start(
        connections: Connections,
        bell: Bell,
        clock: Clock,
        metrics: Metrics,
    ) -> io::Result<(Store, JoinHandle<Result<(), DataFileGone>>)> {
        // Pages that were made before a restart are out of date after it. No other inbox gets their forms.
        let form_secret = secret::random_hex().map_err(io::Error::other)?.into();
        let (handle, thread) = Handle::start(connections, bell, clock, metrics)?;
        let (sources, deleting, searching) = Default::default();
        Ok((Store { handle, sources, deleting, searching, form_secret }, thread))
    }

    pub async fn form_secret(&self) -> Result<String, StoreError> {
        Ok(self.form_secret.to_string())
    }

    pub async fn ping(&self) -> Result<(), StoreError> {
        self.handle.pass().await?;
        self.handle.read(|database| flows::list(database).map(drop)).await
    }

    pub fn removals(&self) -> u64 {
        self.handle.removals()
    }

    pub fn waiting(&self) -> usize {
        self.handle.waiting()
    }
}

/// Tokens and sessions.
impl Store {
    pub async fn holder(&self, hash: Hash) -> Result<Holder, StoreError> {
        self.handle
            .read(move |database| {
                if tokens::is_api_token(database, hash)? {
                    return Ok(Holder::Owner);
                }
                if let Some(session) = sessions::by_token(database, hash)? {
                    return Ok(Holder::Session(session));
                }
                Ok(Holder::of_access(match grants::access(database, hash) {
                    Ok(access) => Ok(access),
                    Err(error) => Err(error.refusal()?),
                }))
            })
            .await
    }

    pub async fn begin_session(&self, browser: String) -> Result<(Session, String), StoreError> {
        self.handle.write(move |database| sessions::create(database, &browser)).await
    }

    pub async fn renew_session(&self, id: i64) -> Result<Option<Session>, StoreError> {
        self.handle.write(move |database| sessions::renew(database, id)).await
    }

    pub async fn sessions(&self) -> Result<Vec<Session>, StoreError> {
        self.handle.read(sessions::list).await
    }

    pub async fn end_session(&self, id: i64) -> Result<bool, StoreError> {
        self.handle.write(move |database| sessions::end(database, id)).await
    }
}

/// Grants.
impl Store {
    pub async fn create_grant(&self, grant: Grant) -> Result<String, StoreError> {
        self.handle.write(move |database| grants::create(database, &grant)).await
    }

    pub async fn redeem(
        &self,
        kind: Kind,
        hash: Hash,
        application: i64,
        token_lifetime_ms: i64,
        fits: impl FnOnce(&Grant) -> Result<(), Refused> + Send + 'static,
        is_lasting: impl FnOnce(&str) -> bool + Send + 'static,
    ) -> Result<Issued, GrantError> {
        self.handle
            .write(move |database| {
                grants::redeem(database, kind, hash, application, token_lifetime_ms, fits, is_lasting)
            })
            .await
    }

    pub async fn grants(&self) -> Result<Vec<GrantSummary>, StoreError> {
        self.handle.read(grants::list).await
    }

    pub async fn revoke_grant(&self, id: i64) -> Result<bool, StoreError> {
        self.handle.write(move |database| grants::revoke(database, id)).await
    }

    pub async fn revoke_token(&self, hash: Hash, application: i64) -> Result<(), StoreError> {
        self.handle.write(move |database| grants::revoke_token(database, hash, application)).await
    }
}

/// Applications.
impl Store {
    pub async fn applications(&self) -> Result<Vec<Application>, StoreError> {
        self.handle.read(applications::list).await
    }

    pub async fn application(&self, id: i64) -> Result<Option<Application>, StoreError> {
        self.handle.read(move |database| applications::by_id(database, id)).await
    }

    pub async fn application_by_client_id(&self, client_id: &str) -> Result<Option<Application>, StoreError> {
        let client_id = client_id.to_owned();
        self.handle.read(move |database| applications::by_client_id(database, &client_id)).await
    }

    pub async fn create_application(&self, profile: Profile) -> Result<Application, StoreError> {
        self.handle.write(move |database| applications::create(database, profile)).await
    }

    pub async fn update_application(&self, id: i64, profile: Profile) -> Result<Option<Application>, StoreError> {
        self.handle
            .write(move |database| {
                applications::update(database, id, &profile)?;
                applications::by_id(database, id)
            })
            .await
    }

    pub async fn renew_secret(&self, id: i64) -> Result<Option<Application>, StoreError> {
        self.handle
            .write(move |database| {
                applications::renew_secret(database, id)?;
                applications::by_id(database, id)
            })
            .await
    }

    pub async fn remove_application(&self, id: i64) -> Result<(), StoreError> {
        self.handle.write(move |database| applications::remove(database, id)).await
    }

    pub async fn signing_secret(&self, source: i64) -> Result<Option<String>, StoreError> {
        self.handle.read(move |database| applications::signing_secret(database, source)).await
    }
}

/// Flows.
impl Store {
    pub async fn flow(&self, organization: &str, flow: &str) -> Result<Option<Flow>, StoreError> {
        let (organization, flow) = (organization.to_owned(), flow.to_owned());
        self.handle.read(move |database| flows::find(database, &organization, &flow)).await
    }

    pub async fn flow_by_id(&self, id: &str) -> Result<Option<Flow>, StoreError> {
        let id = id.to_owned();
        self.handle.read(move |database| flows::by_id(database, &id)).await
    }

    pub async fn flows(&self) -> Result<Vec<Flow>, StoreError> {
        self.handle.read(flows::list).await
    }

    pub async fn create_flow(&self, organization: i64, name: String) -> Result<Flow, FlowError> {
        self.handle.write(move |database| flows::create(database, organization, &name)).await
    }

    pub async fn rename_flow(&self, flow: Flow, name: String) -> Result<Option<Flow>, FlowError> {
        self.handle.write(move |database| flows::rename(database, &flow, &name)).await
    }

    pub async fn organizations(&self) -> Result<Vec<Organization>, StoreError> {
        self.handle.read(flows::organizations).await
    }

    pub async fn rename_organization(&self, id: i64, name: String) -> Result<Option<Organization>, StoreError> {
        self.handle.write(move |database| flows::rename_organization(database, id, &name)).await
    }
}

/// Sources.
impl Store {
    pub async fn source_by_token(&self, hash: Hash) -> Result<Option<Source>, StoreError> {
        let changes = self.handle.changes();
        if let Some(source) = self.sources.get(changes, &hash) {
            return Ok(Some(source));
        }
        let source = self.handle.read(move |database| sources::by_token(database, hash)).await?;
        if let Some(source) = &source {
            self.sources.put(changes, hash, source.clone());
        }
        Ok(source)
    }

    pub async fn source(&self, flow: FlowKey, id: i64) -> Result<Option<Source>, StoreError> {
        self.handle.read(move |database| sources::by_id(database, flow, id)).await
    }

    pub async fn sources(&self, flow: Option<FlowKey>) -> Result<Vec<Source>, StoreError> {
        self.handle.read(move |database| sources::list(database, flow)).await
    }

    pub async fn create_source(
        &self,
        flow: FlowKey,
        application: i64,
        name: String,
        external_url: Option<String>,
    ) -> Result<Option<(Source, String)>, StoreError> {
        self.handle
            .write(move |database| sources::create(database, flow, application, &name, external_url.as_deref()))
            .await
    }

    pub async fn update_source(&self, id: i64, change: SourceChange) -> Result<Option<Source>, StoreError> {
        self.handle.write(move |database| sources::update(database, id, change)).await
    }

    pub async fn remove_source(&self, id: i64) -> Result<(), StoreError> {
        self.handle.write(move |database| sources::remove(database, id)).await
    }
}

/// Messages, threads and files.
impl Store {
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
            self.handle.post(post, ids.clone()).await
        }
        .await;
        if stored.is_err() && !ids.is_empty() {
            self.handle.write(move |database| files::discard(&database.connection, &ids)).await?;
        }
        stored
    }

    /// Stores the content of a file in chunks.
    async fn keep(&self, id: &str, content: Vec<u8>) -> Result<(), StoreError> {
        let content: Arc<[u8]> = content.into();
        for (number, start) in (0..content.len()).step_by(CHUNK_BYTES).enumerate() {
            let (id, content) = (id.to_owned(), Arc::clone(&content));
            self.handle
                .write(move |database| {
                    let end = content.len().min(start + CHUNK_BYTES);
                    files::add_chunk(database, &id, number, &content[start..end])
                })
                .await?;
        }
        Ok(())
    }

    pub async fn message_ids(&self, flow: FlowKey, filter: MessageFilter) -> Result<Vec<i64>, StoreError> {
        let _turn = if filter.words.is_empty() { None } else { Some(self.searching.lock().await) };
        self.handle.read(move |database| messages::ids(database, flow, &filter)).await
    }

    pub async fn messages(&self, flow: FlowKey, ids: Vec<i64>) -> Result<(Vec<String>, usize), StoreError> {
        self.handle.read(move |database| messages::page(database, flow, &ids)).await
    }

    pub async fn messages_after(&self, flow: FlowKey, id: i64) -> Result<Vec<StoredMessage>, StoreError> {
        self.handle.read(move |database| messages::after(database, flow, id)).await
    }

    pub async fn message(&self, flow: FlowKey, id: i64) -> Result<Option<StoredMessage>, StoreError> {
        self.handle.read(move |database| messages::by_id(database, flow, id)).await
    }

    pub async fn last_message_id(&self, flow: FlowKey) -> Result<Option<i64>, StoreError> {
        self.handle.read(move |database| messages::last_id(database, flow)).await
    }

    pub async fn thread(&self, flow: FlowKey, id: &str) -> Result<Option<Thread>, StoreError> {
        let id = id.to_owned();
        self.handle.read(move |database| threads::by_id(database, flow, &id)).await
    }

    pub async fn offer(&self, flow: FlowKey, id: &str) -> Result<Option<Offer>, StoreError> {
        let id = id.to_owned();
        self.handle.read(move |database| threads::offer(database, flow, &id)).await
    }

    pub async fn thread_ids(&self, flow: FlowKey, filter: ThreadFilter) -> Result<Vec<String>, StoreError> {
        let _turn = if filter.words.is_empty() { None } else { Some(self.searching.lock().await) };
        self.handle.read(move |database| thread_list::ids(database, flow, &filter)).await
    }

    pub async fn threads(
        &self,
        flow: FlowKey,
        ids: Vec<String>,
        with_message: bool,
    ) -> Result<(Vec<String>, usize), StoreError> {
        self.handle.read(move |database| threads::page(database, flow, &ids, with_message)).await
    }

    pub async fn thread_counts(&self, flow: FlowKey) -> Result<Option<ThreadCounts>, StoreError> {
        self.handle.read(move |database| thread_counts::read(database, flow)).await
    }

    pub async fn file(&self, flow: FlowKey, id: &str) -> Result<Option<File>, StoreError> {
        let id = id.to_owned();
        self.handle.read(move |database| files::by_id(database, flow, &id)).await
    }

    pub async fn file_chunk(&self, file: &str, number: usize) -> Result<Option<Vec<u8>>, StoreError> {
        let file = file.to_owned();
        self.handle.read(move |database| files::chunk(database, &file, number)).await
    }
}

/// Removal. Each slice of what is deleted is one job of the writer, so posts come in between.
impl Store {
    pub async fn remove_message(&self, flow: FlowKey, id: i64) -> Result<bool, StoreError> {
        let _turn = self.deleting.lock().await;
        self.handle.delete(move |database| removal::remove_message(database, flow, id)).await
    }

    pub async fn remove_thread(&self, flow: FlowKey, id: String) -> Result<bool, StoreError> {
        let store = self.clone();
        let removed = tokio::spawn(async move {
            let marked = Marked::Thread(id.clone());
            let is_there = store.handle.write(move |database| removal::mark_thread(database, flow, &id)).await?;
            if is_there {
                store.delete(marked).await?;
            }
            Ok(is_there)
        });
        removed.await.unwrap_or(Err(StoreError::Closed))
    }

    pub async fn remove_flow(&self, flow: FlowKey) -> Result<bool, FlowError> {
        let is_there = self.handle.write(move |database| removal::mark_flow(database, flow)).await?;
        if is_there {
            let store = self.clone();
            tokio::spawn(async move { store.delete(Marked::Flow(flow)).await });
        }
        Ok(is_there)
    }

    pub async fn finish_removals(&self) -> Result<(), StoreError> {
        while let Some(marked) = self.handle.read(removal::next_marked).await? {
            self.delete(marked).await?;
        }
        Ok(())
    }

    pub async fn discard_abandoned_files(&self) -> Result<(), StoreError> {
        // The start has done so: no other inbox uses the file.
        Ok(())
    }

    pub async fn forget_posts(&self) -> Result<(), StoreError> {
        // Each transaction with posts does so.
        Ok(())
    }

    pub async fn remove_older(&self, before_ms: i64) -> Result<(), StoreError> {
        loop {
            let _turn = self.deleting.lock().await;
            if !self.handle.delete(move |database| removal::delete_older(database, before_ms)).await? {
                return Ok(());
            }
        }
    }

    /// Deletes something that is marked as removed, slice by slice.
    async fn delete(&self, marked: Marked) -> Result<(), StoreError> {
        loop {
            let (_turn, marked) = (self.deleting.lock().await, marked.clone());
            if !self.handle.delete(move |database| removal::delete_slice(database, &marked)).await? {
                return Ok(());
            }
        }
    }
}
