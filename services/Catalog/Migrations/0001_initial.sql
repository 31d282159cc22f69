-- Repositories. `version` grows with every change and is the condition of each: whoever changes a repository reads this row first.
CREATE TABLE repositories (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    key TEXT NOT NULL,
    owner TEXT NOT NULL,
    kind INTEGER NOT NULL,
    visibility INTEGER NOT NULL,
    source_kind INTEGER NOT NULL,
    source_origin TEXT NOT NULL,
    source_revision TEXT NOT NULL,
    head TEXT NOT NULL,
    standing INTEGER NOT NULL,
    submission INTEGER NOT NULL,
    submitted_revision TEXT NOT NULL,
    published TEXT NOT NULL,
    successor TEXT NOT NULL,
    retires_at BIGINT,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    version BIGINT NOT NULL,
    UNIQUE (key, kind)
);
CREATE INDEX repositories_by_owner ON repositories (owner, key);

CREATE TABLE refs (
    repository_id TEXT NOT NULL REFERENCES repositories (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    target TEXT NOT NULL,
    message TEXT NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (repository_id, name)
);

-- git's objects, per repository: what one tenant holds is never found through another's repository.
CREATE TABLE commits (
    repository_id TEXT NOT NULL REFERENCES repositories (id) ON DELETE CASCADE,
    oid TEXT NOT NULL,
    tree TEXT NOT NULL,
    first_parent TEXT NOT NULL,
    generation BIGINT NOT NULL,
    content {blob} NOT NULL,
    PRIMARY KEY (repository_id, oid)
);

-- `sizes` tells of each entry what git's tree leaves out: size and, for large files, SHA-256.
CREATE TABLE trees (
    repository_id TEXT NOT NULL REFERENCES repositories (id) ON DELETE CASCADE,
    oid TEXT NOT NULL,
    content {blob} NOT NULL,
    sizes {blob} NOT NULL,
    PRIMARY KEY (repository_id, oid)
);

CREATE TABLE blobs (
    repository_id TEXT NOT NULL REFERENCES repositories (id) ON DELETE CASCADE,
    oid TEXT NOT NULL,
    content {blob} NOT NULL,
    PRIMARY KEY (repository_id, oid)
);

-- Pointers of large files; the pointer's text follows from its row.
CREATE TABLE large_files (
    repository_id TEXT NOT NULL REFERENCES repositories (id) ON DELETE CASCADE,
    oid TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    size BIGINT NOT NULL,
    PRIMARY KEY (repository_id, oid)
);
CREATE INDEX large_files_by_sha256 ON large_files (sha256);

-- What the examination of small files found worth keeping (StoredFile); one without a row is clean and says nothing.
CREATE TABLE examinations (
    repository_id TEXT NOT NULL REFERENCES repositories (id) ON DELETE CASCADE,
    oid TEXT NOT NULL,
    name TEXT NOT NULL,
    state {blob} NOT NULL,
    PRIMARY KEY (repository_id, oid, name)
);

-- ModelRecord of each commit.
CREATE TABLE records (
    repository_id TEXT NOT NULL REFERENCES repositories (id) ON DELETE CASCADE,
    revision TEXT NOT NULL,
    content {blob} NOT NULL,
    PRIMARY KEY (repository_id, revision)
);

-- Append-only, and kept when the repository is deleted.
CREATE TABLE lifecycle_steps (
    id {identity},
    repository_id TEXT NOT NULL,
    repository TEXT NOT NULL,
    action INTEGER NOT NULL,
    state INTEGER NOT NULL,
    revision TEXT NOT NULL,
    account TEXT NOT NULL,
    comment TEXT NOT NULL,
    at BIGINT NOT NULL
);
CREATE INDEX lifecycle_steps_by_repository ON lifecycle_steps (repository_id, id);

-- What Artifacts says of files (StoredFile), by its change feed and its answers.
CREATE TABLE files (
    sha256 TEXT PRIMARY KEY,
    sequence BIGINT NOT NULL,
    state {blob} NOT NULL
);

CREATE TABLE feed_positions (
    feed TEXT PRIMARY KEY,
    position BIGINT NOT NULL
);
