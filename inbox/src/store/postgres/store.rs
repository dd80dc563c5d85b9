//! The operations of the store on PostgreSQL.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use super::batch::Filed;
use super::database::Database;
use super::poster::Poster;
use super::removal::{self, Marked};
use super::shared::Shared;
use super::state::{self, Change};
use super::url::{DatabaseUrl, Listening};
use super::{
    applications, bell, files, flows, grants, messages, schema, sessions, sources, thread_counts, thread_list, threads,
    tokens,
};
use crate::bell::Bell;
use crate::clock::Clock;
use crate::domain::file::CHUNK_BYTES;
use crate::domain::grant::{Grant, GrantSummary, Issued, Kind, Refused};
use crate::domain::posting::Post;
use crate::domain::session::Session;
use crate::domain::thread::Offer;
use crate::domain::{
    Application, File, Flow, FlowKey, Holder, MessageFilter, NewFile, Organization, Profile, Secrets, Source,
    SourceChange, StoredMessage, Thread, ThreadCounts, ThreadFilter,
};
use crate::metrics::Metrics;
use crate::secret::{self, Hash};
use crate::store::{FlowError, GrantError, PostError, StoreError};

/// Why a database cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum DatabaseError {
    /// The tables belong to another program.
    #[error("{0} has tables of another program; give the inbox a database or a schema of its own")]
    Foreign(DatabaseUrl),
    /// The database stores texts in another encoding than UTF-8.
    #[error("{url} has the encoding {encoding}; make one with `createdb --encoding UTF8 --template template0`")]
    Encoding {
        /// The database.
        url: DatabaseUrl,
        /// Its encoding.
        encoding: String,
    },
    /// A newer version of the inbox, with which this one cannot work, changed the tables.
    #[error("{0} was written by a newer version of this program, which this version cannot work with")]
    Newer(DatabaseUrl),
    /// An older version of the inbox made the tables.
    #[error("{0} has the tables of an older version; start an inbox of this version on it once, which updates them")]
    Older(DatabaseUrl),
    /// There is no inbox.
    #[error("{0} has no inbox")]
    Missing(DatabaseUrl),
    /// There is an inbox already.
    #[error("{0} has an inbox already; name an empty database or schema")]
    Taken(DatabaseUrl),
    /// An inbox uses the database.
    #[error("{0} is in use by an inbox; stop all inboxes on it first")]
    InUse(DatabaseUrl),
    /// The database does not answer, or refused a statement.
    #[error("cannot use {url}: {reason}")]
    Unusable {
        /// The database.
        url: DatabaseUrl,
        /// The error of the database.
        reason: StoreError,
    },
}

/// How often the tables are brought up to date again, if another inbox gets in the way.
const TRIES: usize = 3;

/// A database that is open.
pub struct Opened {
    /// Its store.
    pub store: Store,
    /// The secrets that opening it has created.
    pub secrets: Secrets,
    /// The flow that the start announces.
    pub flow: Flow,
}

/// The store of one database. Clones are handles of the same store.
#[derive(Clone)]
pub struct Store {
    shared: Arc<Shared>,
    poster: Poster,
}

impl DatabaseError {
    /// Why the tables of this database are not used.
    pub(super) fn of(url: &DatabaseUrl, refused: schema::Refused) -> DatabaseError {
        let url = url.clone();
        match refused {
            schema::Refused::Foreign => DatabaseError::Foreign(url),
            schema::Refused::Encoding(encoding) => DatabaseError::Encoding { url, encoding },
            schema::Refused::Newer => DatabaseError::Newer(url),
            schema::Refused::Older => DatabaseError::Older(url),
            schema::Refused::Missing => DatabaseError::Missing(url),
            schema::Refused::Taken => DatabaseError::Taken(url),
            schema::Refused::Store(reason) => DatabaseError::Unusable { url, reason },
        }
    }
}

impl Store {
    /// Opens the database, and creates or updates its tables.
    pub async fn open(
        url: &DatabaseUrl,
        listening: &Listening,
        new_tokens: bool,
        bell: Bell,
        clock: Clock,
        metrics: Metrics,
    ) -> Result<Opened, DatabaseError> {
        let unusable = |reason| DatabaseError::Unusable { url: url.clone(), reason };
        let pool = url.pool();
        let mut tries = 0..TRIES;
        let (database, secrets, flow) = loop {
            let client = pool.get().await.map_err(|error| unusable(error.into()))?;
            let database = Database::patient(client, clock.clone());
            match schema::bring_up_to_date(&database, new_tokens).await {
                Ok((secrets, flow)) => break (database, secrets, flow),
                // Another transaction got in its way, and the server has undone it.
                Err(schema::Refused::Store(error)) if error.is_temporary() && tries.next().is_some() => (),
                Err(refused) => return Err(DatabaseError::of(url, refused)),
            }
        };
        let channel = state::channel(&database).await.map_err(unusable)?;
        drop(database);
        let shared = Shared::new(pool, bell, clock, metrics, channel).map_err(|error| unusable(error.into()))?;
        let shared = Arc::new(shared);
        if new_tokens {
            shared.outgoing.state();
        }
        let listening = match listening {
            Listening::There => Some(url.clone()),
            Listening::At(url) => Some(url.clone()),
            Listening::Nowhere => None,
        };
        tokio::spawn(bell::tell(Arc::downgrade(&shared)));
        tokio::spawn(bell::hear(Arc::downgrade(&shared), listening));
        let poster = Poster::start(&shared);
        Ok(Opened { store: Store { shared, poster }, secrets, flow })
    }

    pub async fn ping(&self) -> Result<(), StoreError> {
        let database = self.shared.database().await?;
        let sql = "SELECT current_setting('transaction_read_only') = 'on' FROM inbox_state";
        let is_read_only: bool = database.one(sql, &[]).await?.try_get(0)?;
        if is_read_only { Err(StoreError::Unreachable("it is read-only".to_owned())) } else { Ok(()) }
    }

    pub async fn form_secret(&self) -> Result<String, StoreError> {
        state::form_secret(&self.shared.database().await?).await
    }

    pub fn removals(&self) -> u64 {
        self.shared.removals.load(Ordering::SeqCst)
    }

    pub fn waiting(&self) -> usize {
        self.poster.waiting()
    }

    /// A connection for one operation.
    async fn database(&self) -> Result<Database, StoreError> {
        self.shared.database().await
    }
}

/// Tokens and sessions.
impl Store {
    pub async fn holder(&self, hash: Hash) -> Result<Holder, StoreError> {
        let database = self.database().await?;
        if tokens::is_api_token(&database, hash).await? {
            return Ok(Holder::Owner);
        }
        if let Some(session) = sessions::by_token(&database, hash).await? {
            return Ok(Holder::Session(session));
        }
        Ok(Holder::of_access(match grants::access(&database, hash).await {
            Ok(access) => Ok(access),
            Err(error) => Err(error.refusal()?),
        }))
    }

    pub async fn begin_session(&self, browser: String) -> Result<(Session, String), StoreError> {
        sessions::create(&self.database().await?, &browser).await
    }

    pub async fn renew_session(&self, id: i64) -> Result<Option<Session>, StoreError> {
        sessions::renew(&self.database().await?, id).await
    }

    pub async fn sessions(&self) -> Result<Vec<Session>, StoreError> {
        sessions::list(&self.database().await?).await
    }

    pub async fn end_session(&self, id: i64) -> Result<bool, StoreError> {
        let database = self.shared.begin().await?;
        let is_ended = sessions::end(&database, id).await?;
        self.shared.end_access(&database, is_ended).await?;
        Ok(is_ended)
    }
}

/// Grants.
impl Store {
    pub async fn create_grant(&self, grant: Grant) -> Result<String, StoreError> {
        grants::create(&self.database().await?, &grant).await
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
        let database = self.shared.begin().await?;
        let issued = grants::redeem(&database, kind, hash, application, token_lifetime_ms, fits, is_lasting).await;
        match &issued {
            Ok(_) => database.commit().await?,
            Err(GrantError::Refused(Refused::Reused)) => self.shared.commit(&database, Change::EndOfAccess).await?,
            Err(_) => database.roll_back().await?,
        }
        issued
    }

    pub async fn grants(&self) -> Result<Vec<GrantSummary>, StoreError> {
        grants::list(&self.database().await?).await
    }

    pub async fn revoke_grant(&self, id: i64) -> Result<bool, StoreError> {
        let database = self.shared.begin().await?;
        let is_revoked = grants::revoke(&database, id).await?;
        self.shared.end_access(&database, is_revoked).await?;
        Ok(is_revoked)
    }

    pub async fn revoke_token(&self, hash: Hash, application: i64) -> Result<(), StoreError> {
        let database = self.shared.begin().await?;
        let is_revoked = grants::revoke_token(&database, hash, application).await?;
        self.shared.end_access(&database, is_revoked).await
    }
}

/// Applications.
impl Store {
    pub async fn applications(&self) -> Result<Vec<Application>, StoreError> {
        applications::list(&self.database().await?).await
    }

    pub async fn application(&self, id: i64) -> Result<Option<Application>, StoreError> {
        applications::by_id(&self.database().await?, id).await
    }

    pub async fn application_by_client_id(&self, client_id: &str) -> Result<Option<Application>, StoreError> {
        applications::by_client_id(&self.database().await?, client_id).await
    }

    pub async fn create_application(&self, profile: Profile) -> Result<Application, StoreError> {
        applications::create(&self.database().await?, &profile).await
    }

    pub async fn update_application(&self, id: i64, profile: Profile) -> Result<Option<Application>, StoreError> {
        let database = self.shared.begin().await?;
        applications::update(&database, id, &profile).await?;
        let application = applications::by_id(&database, id).await?;
        self.shared.commit(&database, Change::Sources).await?;
        Ok(application)
    }

    pub async fn renew_secret(&self, id: i64) -> Result<Option<Application>, StoreError> {
        let database = self.database().await?;
        applications::renew_secret(&database, id).await?;
        applications::by_id(&database, id).await
    }

    pub async fn remove_application(&self, id: i64) -> Result<(), StoreError> {
        let database = self.shared.begin().await?;
        applications::remove(&database, id).await?;
        self.shared.commit(&database, Change::EndOfAccess).await
    }

    pub async fn signing_secret(&self, source: i64) -> Result<Option<String>, StoreError> {
        applications::signing_secret(&self.database().await?, source).await
    }
}

/// Flows.
impl Store {
    pub async fn flow(&self, organization: &str, flow: &str) -> Result<Option<Flow>, StoreError> {
        flows::find(&self.database().await?, organization, flow).await
    }

    pub async fn flow_by_id(&self, id: &str) -> Result<Option<Flow>, StoreError> {
        flows::by_id(&self.database().await?, id).await
    }

    pub async fn flows(&self) -> Result<Vec<Flow>, StoreError> {
        flows::list(&self.database().await?).await
    }

    pub async fn create_flow(&self, organization: i64, name: String) -> Result<Flow, FlowError> {
        let database = self.shared.begin().await?;
        let created = flows::create(&database, organization, &name).await;
        match created {
            Ok(_) => database.commit().await?,
            Err(_) => database.roll_back().await?,
        }
        created
    }

    pub async fn rename_flow(&self, flow: Flow, name: String) -> Result<Option<Flow>, FlowError> {
        let database = self.shared.begin().await?;
        let renamed = flows::rename(&database, &flow, &name).await;
        match renamed {
            Ok(_) => self.shared.commit(&database, Change::Sources).await?,
            Err(_) => database.roll_back().await?,
        }
        renamed
    }

    pub async fn organizations(&self) -> Result<Vec<Organization>, StoreError> {
        flows::organizations(&self.database().await?).await
    }

    pub async fn rename_organization(&self, id: i64, name: String) -> Result<Option<Organization>, StoreError> {
        let database = self.shared.begin().await?;
        let renamed = flows::rename_organization(&database, id, &name).await?;
        self.shared.commit(&database, Change::Sources).await?;
        Ok(renamed)
    }
}

/// Sources.
impl Store {
    pub async fn source_by_token(&self, hash: Hash) -> Result<Option<Source>, StoreError> {
        let changes = self.shared.changes.load(Ordering::SeqCst);
        if let Some(source) = self.shared.sources.get(changes, &hash) {
            return Ok(Some(source));
        }
        let source = sources::by_token(&self.database().await?, hash).await?;
        if let Some(source) = &source {
            self.shared.sources.put(changes, hash, source.clone());
        }
        Ok(source)
    }

    pub async fn source(&self, flow: FlowKey, id: i64) -> Result<Option<Source>, StoreError> {
        sources::by_id(&self.database().await?, flow, id).await
    }

    pub async fn sources(&self, flow: Option<FlowKey>) -> Result<Vec<Source>, StoreError> {
        sources::list(&self.database().await?, flow).await
    }

    pub async fn create_source(
        &self,
        flow: FlowKey,
        application: i64,
        name: String,
        external_url: Option<String>,
    ) -> Result<Option<(Source, String)>, StoreError> {
        let database = self.shared.begin().await?;
        let created = sources::create(&database, flow, application, &name, external_url.as_deref()).await?;
        database.commit().await?;
        Ok(created)
    }

    pub async fn update_source(&self, id: i64, change: SourceChange) -> Result<Option<Source>, StoreError> {
        let database = self.shared.begin().await?;
        let source = sources::update(&database, id, change).await?;
        self.shared.commit(&database, Change::Sources).await?;
        Ok(source)
    }

    pub async fn remove_source(&self, id: i64) -> Result<(), StoreError> {
        let database = self.shared.begin().await?;
        sources::remove(&database, id).await?;
        self.shared.commit(&database, Change::Sources).await
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
        let ids = post.files.iter().map(|_| secret::random_hex()).collect::<Result<Vec<_>, _>>()?;
        let contents: Vec<_> = post.files.iter_mut().map(NewFile::take_content).collect();
        let stored = async {
            for (id, content) in ids.iter().zip(contents) {
                for (number, chunk) in content.chunks(CHUNK_BYTES).enumerate() {
                    files::add_chunk(&self.database().await?, id, number, chunk).await?;
                }
            }
            self.poster.post(Filed { post, file_ids: ids.clone() }).await
        }
        .await;
        // After a temporary failure the message may be stored. Its files stay, and a sweep removes them if it is not.
        let is_known = !matches!(&stored, Err(PostError::Store(error)) if error.is_temporary());
        if stored.is_err() && is_known && !ids.is_empty() {
            files::discard(&self.database().await?, &ids).await?;
        }
        stored
    }

    pub async fn message_ids(&self, flow: FlowKey, filter: MessageFilter) -> Result<Vec<i64>, StoreError> {
        let is_search = !filter.words.is_empty();
        self.shared
            .list(is_search, move |database| Box::pin(async move { messages::ids(database, flow, &filter).await }))
            .await
    }

    pub async fn messages(&self, flow: FlowKey, ids: Vec<i64>) -> Result<(Vec<String>, usize), StoreError> {
        self.shared
            .list(false, move |database| Box::pin(async move { messages::page(database, flow, &ids).await }))
            .await
    }

    pub async fn messages_after(&self, flow: FlowKey, id: i64) -> Result<Vec<StoredMessage>, StoreError> {
        messages::after(&self.database().await?, flow, id).await
    }

    pub async fn message(&self, flow: FlowKey, id: i64) -> Result<Option<StoredMessage>, StoreError> {
        messages::by_id(&self.database().await?, flow, id).await
    }

    pub async fn last_message_id(&self, flow: FlowKey) -> Result<Option<i64>, StoreError> {
        messages::last_id(&self.database().await?, flow).await
    }

    pub async fn thread(&self, flow: FlowKey, id: &str) -> Result<Option<Thread>, StoreError> {
        threads::by_id(&self.database().await?, flow, id).await
    }

    pub async fn offer(&self, flow: FlowKey, id: &str) -> Result<Option<Offer>, StoreError> {
        threads::offer(&self.database().await?, flow, id).await
    }

    pub async fn thread_ids(&self, flow: FlowKey, filter: ThreadFilter) -> Result<Vec<String>, StoreError> {
        let is_search = !filter.words.is_empty();
        self.shared
            .list(is_search, move |database| Box::pin(async move { thread_list::ids(database, flow, &filter).await }))
            .await
    }

    pub async fn threads(
        &self,
        flow: FlowKey,
        ids: Vec<String>,
        with_message: bool,
    ) -> Result<(Vec<String>, usize), StoreError> {
        self.shared
            .list(false, move |database| {
                Box::pin(async move { threads::page(database, flow, &ids, with_message).await })
            })
            .await
    }

    pub async fn thread_counts(&self, flow: FlowKey) -> Result<Option<ThreadCounts>, StoreError> {
        self.shared.list(false, move |database| Box::pin(thread_counts::read(database, flow))).await
    }

    pub async fn file(&self, flow: FlowKey, id: &str) -> Result<Option<File>, StoreError> {
        files::by_id(&self.database().await?, flow, id).await
    }

    pub async fn file_chunk(&self, file: &str, number: usize) -> Result<Option<Vec<u8>>, StoreError> {
        files::chunk(&self.database().await?, file, number).await
    }
}

/// Removal. Each slice of what is deleted is a transaction of its own, so posts come in between.
impl Store {
    pub async fn remove_message(&self, flow: FlowKey, id: i64) -> Result<bool, StoreError> {
        let _turn = self.shared.deleting.lock().await;
        let database = self.shared.begin().await?;
        let is_removed = removal::remove_message(&database, flow, id).await?;
        self.shared.commit(&database, Change::Removals).await?;
        Ok(is_removed)
    }

    pub async fn remove_thread(&self, flow: FlowKey, id: String) -> Result<bool, StoreError> {
        let store = self.clone();
        let removed = tokio::spawn(async move {
            let database = store.shared.begin().await?;
            let is_there = removal::mark_thread(&database, flow, &id).await?;
            database.commit().await?;
            drop(database);
            if is_there {
                store.delete(Marked::Thread(flow, id)).await?;
            }
            Ok(is_there)
        });
        removed.await.unwrap_or(Err(StoreError::Closed))
    }

    pub async fn remove_flow(&self, flow: FlowKey) -> Result<bool, FlowError> {
        let database = self.shared.begin().await?;
        let marked = removal::mark_flow(&database, flow).await;
        match marked {
            Ok(true) => self.shared.commit(&database, Change::EndOfAccess).await?,
            _ => database.roll_back().await?,
        }
        if matches!(marked, Ok(true)) {
            let store = self.clone();
            tokio::spawn(async move { store.delete(Marked::Flow(flow)).await });
        }
        marked
    }

    pub async fn finish_removals(&self) -> Result<(), StoreError> {
        loop {
            let marked = removal::next_marked(&self.database().await?).await?;
            match marked {
                Some(marked) => self.delete(marked).await?,
                None => break,
            }
        }
        Ok(())
    }

    pub async fn discard_abandoned_files(&self) -> Result<(), StoreError> {
        let mut last = String::new();
        while let Some(next) = files::discard_abandoned(&self.database().await?, &last).await? {
            last = next;
        }
        Ok(())
    }

    pub async fn forget_posts(&self) -> Result<(), StoreError> {
        while removal::forget_posted(&self.database().await?).await? {}
        Ok(())
    }

    pub async fn remove_older(&self, before_ms: i64) -> Result<(), StoreError> {
        loop {
            let _turn = self.shared.deleting.lock().await;
            let database = self.shared.begin().await?;
            let is_left = removal::delete_older(&database, before_ms).await?;
            self.shared.commit(&database, Change::Removals).await?;
            if !is_left {
                return Ok(());
            }
        }
    }

    /// Deletes something that is marked as removed, slice by slice.
    async fn delete(&self, marked: Marked) -> Result<(), StoreError> {
        loop {
            let _turn = self.shared.deleting.lock().await;
            let database = self.shared.begin().await?;
            let is_left = removal::delete_slice(&database, &marked).await?;
            self.shared.commit(&database, Change::Removals).await?;
            if !is_left {
                return Ok(());
            }
        }
    }
}
