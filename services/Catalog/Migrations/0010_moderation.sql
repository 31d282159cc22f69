-- What curators hold a repository's content to be; 1: they have not said.
ALTER TABLE repositories ADD COLUMN attested_rating INTEGER NOT NULL DEFAULT 1;

-- What people report of repositories, and of comments (`comment` is 0 for the repository itself). They stay when the repository goes: `repository` is what it was called when they were made.
-- `reporter_key` and `assignee` are in lower case, the latter is empty while nobody has taken the report on.
CREATE TABLE reports (
    id TEXT PRIMARY KEY,
    repository_id TEXT NOT NULL,
    repository TEXT NOT NULL,
    kind INTEGER NOT NULL,
    reporter TEXT NOT NULL,
    reporter_key TEXT NOT NULL,
    category INTEGER NOT NULL,
    text TEXT NOT NULL,
    revision TEXT NOT NULL,
    path TEXT NOT NULL,
    discussion BIGINT NOT NULL,
    comment BIGINT NOT NULL,
    at BIGINT NOT NULL,
    state INTEGER NOT NULL,
    assignee TEXT NOT NULL,
    action INTEGER NOT NULL,
    rating INTEGER NOT NULL,
    note TEXT NOT NULL,
    resolved_by TEXT NOT NULL,
    resolved_at BIGINT
);
CREATE UNIQUE INDEX reports_open ON reports (repository_id, reporter_key, comment) WHERE state = 1;
CREATE INDEX reports_by_state ON reports (state, at, id);
CREATE INDEX reports_by_repository ON reports (repository_id, at, id);
CREATE INDEX reports_by_reporter ON reports (reporter_key, at, id);

-- Who reports. Each report takes its maker's row, so that bounds are counted by one at a time.
CREATE TABLE reporters (
    account TEXT PRIMARY KEY,
    changes BIGINT NOT NULL
);

-- Collections that curators show everybody first, in their order. Changes take the row of `collection_owners` that has no name.
CREATE TABLE featured_collections (
    collection_id TEXT PRIMARY KEY REFERENCES collections (id) ON DELETE CASCADE,
    position BIGINT NOT NULL,
    until BIGINT
);
