-- Who has collections. Each change of one takes its owner's row first, so that there is one at a time and nothing else decides what comes of it.
CREATE TABLE collection_owners (
    owner TEXT PRIMARY KEY,
    changes BIGINT NOT NULL
);

-- `owner_key`, `key` and `words` are in lower case: the owner, the title, title and description.
CREATE TABLE collections (
    id TEXT PRIMARY KEY,
    owner TEXT NOT NULL,
    owner_key TEXT NOT NULL,
    title TEXT NOT NULL,
    key TEXT NOT NULL,
    description TEXT NOT NULL,
    words TEXT NOT NULL,
    is_private BOOLEAN NOT NULL,
    theme INTEGER NOT NULL,
    position BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    UNIQUE (owner_key, key)
);
CREATE INDEX collections_by_update ON collections (updated_at, id);

-- An item is its repository, whatever that is called by now, and goes with it.
CREATE TABLE collection_items (
    id TEXT PRIMARY KEY,
    collection_id TEXT NOT NULL REFERENCES collections (id) ON DELETE CASCADE,
    repository_id TEXT NOT NULL REFERENCES repositories (id) ON DELETE CASCADE,
    position BIGINT NOT NULL,
    note TEXT NOT NULL,
    UNIQUE (collection_id, repository_id)
);
CREATE INDEX collection_items_by_position ON collection_items (collection_id, position);
CREATE INDEX collection_items_by_repository ON collection_items (repository_id);
