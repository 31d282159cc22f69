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

-- Which accounts like which repositories. `repositories.likes` is how many rows there are of each.
CREATE TABLE likes (
    repository_id TEXT NOT NULL REFERENCES repositories (id) ON DELETE CASCADE,
    account TEXT NOT NULL,
    account_key TEXT NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (repository_id, account_key)
);
CREATE INDEX likes_by_account ON likes (account_key, at);

-- Who downloaded from what on the last days, so that nobody is counted twice. `client` stands for one client on one day alone.
CREATE TABLE downloads (
    day BIGINT NOT NULL,
    repository_id TEXT NOT NULL,
    client TEXT NOT NULL,
    PRIMARY KEY (day, repository_id, client)
);

ALTER TABLE repositories ADD COLUMN downloads BIGINT NOT NULL DEFAULT 0;
ALTER TABLE repositories ADD COLUMN likes BIGINT NOT NULL DEFAULT 0;
ALTER TABLE repositories ADD COLUMN trend DOUBLE PRECISION NOT NULL DEFAULT 0;
