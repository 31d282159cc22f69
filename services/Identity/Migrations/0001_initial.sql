-- The keys that internal tokens are signed with; the newest signs, the others verify until they retire.
CREATE TABLE signing_keys (
    id TEXT PRIMARY KEY,
    private_key {blob} NOT NULL,
    public_key {blob} NOT NULL,
    created_at BIGINT NOT NULL,
    retires_at BIGINT
);

-- Whoever makes a key holds this row to the end of his transaction: replicas that start together make one key.
CREATE TABLE signing_key_turn (id INTEGER PRIMARY KEY, turns BIGINT NOT NULL);
INSERT INTO signing_key_turn (id, turns) VALUES (1, 0);

-- Names are kept twice: as a key in lower case, by which they are found, and as they were written.
-- A pending account has not got its roles yet; it is nobody until it has.
CREATE TABLE accounts (
    key TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    kind INTEGER NOT NULL,
    tenant TEXT NOT NULL,
    tenant_key TEXT NOT NULL,
    display_name TEXT NOT NULL,
    email TEXT NOT NULL,
    disabled BOOLEAN NOT NULL,
    pending BOOLEAN NOT NULL,
    created_at BIGINT NOT NULL
);
CREATE INDEX accounts_by_tenant ON accounts (tenant_key, key);

-- A token itself is never stored, only the SHA-256 of it.
CREATE TABLE tokens (
    id TEXT PRIMARY KEY,
    hash TEXT NOT NULL UNIQUE,
    account TEXT NOT NULL REFERENCES accounts (key),
    account_name TEXT NOT NULL,
    display_name TEXT NOT NULL,
    scopes TEXT NOT NULL,
    created_by TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT,
    last_used_at BIGINT,
    revoked_at BIGINT
);
CREATE INDEX tokens_by_account ON tokens (account, created_at);
