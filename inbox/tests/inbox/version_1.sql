-- A database as version 1 left it: what the program wrote, with one activity and one chat message.
-- Flow token f3ffec2ba7b7441e1bc6096db1af5387, API token 12f76bbe95ad598c2af9e61ae9cf2f73.
-- The tables stand in the order of their names.
PRAGMA foreign_keys = OFF;
PRAGMA application_id = 0x666c6f77;
PRAGMA user_version = 1;
BEGIN TRANSACTION;
CREATE TABLE api_tokens (
        key INTEGER PRIMARY KEY,
        token_hash BLOB NOT NULL UNIQUE
    ) STRICT;
INSERT INTO "api_tokens" VALUES(1,X'5AB41A045B3DE698D9134D5BB118DDE6C17F503932A5E9C4FCA5126F224F3964');
CREATE TABLE applications (
        key INTEGER PRIMARY KEY,
        name TEXT NOT NULL,
        icon TEXT
    ) STRICT;
INSERT INTO "applications" VALUES(1,'Example application',NULL);
CREATE TABLE flows (
        key INTEGER PRIMARY KEY,
        id TEXT NOT NULL UNIQUE,
        organization INTEGER NOT NULL REFERENCES organizations,
        name TEXT NOT NULL,
        parameterized_name TEXT NOT NULL,
        last_message_id INTEGER NOT NULL DEFAULT 0,
        UNIQUE (organization, parameterized_name)
    ) STRICT;
INSERT INTO "flows" VALUES(1,'8ecc31af78d839602f7f7da9d31ced9c',1,'Main','main',2);
CREATE TABLE message_tags (
        flow INTEGER NOT NULL,
        message INTEGER NOT NULL,
        tag TEXT NOT NULL,
        PRIMARY KEY (flow, message, tag),
        FOREIGN KEY (flow, message) REFERENCES messages
    ) STRICT, WITHOUT ROWID;
INSERT INTO "message_tags" VALUES(1,1,'todo');
CREATE TABLE messages (
        flow INTEGER NOT NULL REFERENCES flows,
        id INTEGER NOT NULL,
        thread TEXT NOT NULL REFERENCES threads,
        event TEXT NOT NULL,
        json TEXT NOT NULL,
        PRIMARY KEY (flow, id)
    ) STRICT;
INSERT INTO "messages" VALUES(1,1,'cwwWr7yqlLJRHyq-xD3xMQaCUEM','activity','{"id":1,"event":"activity","app":"influx","flow":"8ecc31af78d839602f7f7da9d31ced9c","user":"0","sent":1795177756271,"created_at":"2026-11-20T12:29:16.271Z","edited":null,"tags":["todo"],"attachments":[],"thread_id":"cwwWr7yqlLJRHyq-xD3xMQaCUEM","thread":{"id":"cwwWr7yqlLJRHyq-xD3xMQaCUEM","title":"Polish the flux capacitor","body":null,"external_url":null,"status":{"color":"green","value":"open"},"actions":[],"fields":[],"source":{"id":1,"icon":null,"application":"Example application"},"activities":1,"internal_comments":0,"external_comments":0,"updated_at":"2026-11-20T12:29:16.271Z","created_at":"2026-11-20T12:29:16.271Z"},"content":null,"title":"updated ticket","body":null,"author":{"name":"Marty"}}');
INSERT INTO "messages" VALUES(1,2,'cwwWr7yqlLJRHyq-xD3xMQaCUEM','message','{"id":2,"event":"message","app":"chat","flow":"8ecc31af78d839602f7f7da9d31ced9c","user":"0","sent":1795177756290,"created_at":"2026-11-20T12:29:16.290Z","edited":null,"tags":[],"attachments":[],"thread_id":"cwwWr7yqlLJRHyq-xD3xMQaCUEM","thread":{"id":"cwwWr7yqlLJRHyq-xD3xMQaCUEM","title":"Polish the flux capacitor","body":null,"external_url":null,"status":{"color":"green","value":"open"},"actions":[],"fields":[],"source":{"id":1,"icon":null,"application":"Example application"},"activities":1,"internal_comments":1,"external_comments":0,"updated_at":"2026-11-20T12:29:16.290Z","created_at":"2026-11-20T12:29:16.271Z"},"content":"Great Scott!"}');
CREATE TABLE organizations (
        key INTEGER PRIMARY KEY,
        name TEXT NOT NULL,
        parameterized_name TEXT NOT NULL UNIQUE
    ) STRICT;
INSERT INTO "organizations" VALUES(1,'Example','example');
CREATE TABLE sources (
        key INTEGER PRIMARY KEY,
        flow INTEGER NOT NULL REFERENCES flows,
        application INTEGER NOT NULL REFERENCES applications,
        name TEXT NOT NULL,
        token_hash BLOB NOT NULL UNIQUE,
        removed_at INTEGER
    ) STRICT;
INSERT INTO "sources" VALUES(1,1,1,'Example source',X'73775C9890D38F043EC9D50D3C9BDDBB665D02989D76C53D8D1B33724DE9AC40',NULL);
CREATE TABLE threads (
        id TEXT PRIMARY KEY,
        flow INTEGER NOT NULL REFERENCES flows,
        source INTEGER NOT NULL REFERENCES sources,
        external_thread_id TEXT,
        state TEXT NOT NULL,
        activities INTEGER NOT NULL DEFAULT 0,
        internal_comments INTEGER NOT NULL DEFAULT 0,
        external_comments INTEGER NOT NULL DEFAULT 0,
        last_message_id INTEGER NOT NULL,
        created_at INTEGER NOT NULL,
        updated_at INTEGER NOT NULL,
        UNIQUE (source, external_thread_id)
    ) STRICT;
INSERT INTO "threads" VALUES('cwwWr7yqlLJRHyq-xD3xMQaCUEM',1,1,'1234567','{"title":"Polish the flux capacitor","status":{"color":"green","value":"open"}}',1,1,0,2,1795177756271,1795177756290);
CREATE INDEX threads_by_update ON threads (flow, last_message_id);
CREATE INDEX messages_by_thread ON messages (thread, id);
COMMIT;
