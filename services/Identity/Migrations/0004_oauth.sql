-- Keys for what strangers verify (id tokens) are others than those for internal tokens: neither kind passes for the other whatever it says of itself.
ALTER TABLE signing_keys ADD COLUMN purpose TEXT NOT NULL DEFAULT 'inside';
INSERT INTO signing_key_turn (id, turns) VALUES (2, 0);

-- Tokens that were given to a program: its id (or a trusted issuer's), and the grant that they belong to, if a person gave one.
ALTER TABLE tokens ADD COLUMN client TEXT NOT NULL DEFAULT '';
ALTER TABLE tokens ADD COLUMN grant_id TEXT NOT NULL DEFAULT '';
ALTER TABLE tokens ADD COLUMN repository TEXT NOT NULL DEFAULT '';
CREATE INDEX tokens_by_client ON tokens (client, created_at);
CREATE INDEX tokens_by_grant ON tokens (grant_id);

-- Lists are words with blanks between. No secret hash: a public client.
CREATE TABLE clients (
    id TEXT PRIMARY KEY,
    tenant TEXT NOT NULL,
    tenant_key TEXT NOT NULL,
    name TEXT NOT NULL,
    secret_hash TEXT NOT NULL,
    redirect_uris TEXT NOT NULL,
    grants TEXT NOT NULL,
    scopes TEXT NOT NULL,
    account TEXT NOT NULL,
    created_by TEXT NOT NULL,
    created_at BIGINT NOT NULL
);
CREATE INDEX clients_by_tenant ON clients (tenant_key, created_at);

-- What a person said a client may do once: the family of tokens that came of it. All of them end with it.
CREATE TABLE grants (
    id TEXT PRIMARY KEY,
    account TEXT NOT NULL REFERENCES accounts (key),
    client TEXT NOT NULL,
    scopes TEXT NOT NULL,
    is_strong BOOLEAN NOT NULL,
    proved_at BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    ended_at BIGINT
);
CREATE INDEX grants_by_account ON grants (account);
CREATE INDEX grants_by_client ON grants (client);
CREATE INDEX grants_by_end ON grants (expires_at);

-- Of secrets only the SHA-256 is stored. Those that were used stay until they would have expired anyway: whoever shows one again has stolen it, or was robbed.
CREATE TABLE authorization_codes (
    hash TEXT PRIMARY KEY,
    grant_id TEXT NOT NULL,
    redirect_uri TEXT NOT NULL,
    challenge TEXT NOT NULL,
    nonce TEXT NOT NULL,
    expires_at BIGINT NOT NULL,
    used_at BIGINT
);
CREATE INDEX authorization_codes_by_end ON authorization_codes (expires_at);

CREATE TABLE refresh_tokens (
    hash TEXT PRIMARY KEY,
    grant_id TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    used_at BIGINT
);
CREATE INDEX refresh_tokens_by_end ON refresh_tokens (expires_at);

-- A device that waits. Answer: 0 none yet, 1 allowed, 2 denied, 3 its token was taken.
CREATE TABLE device_codes (
    hash TEXT PRIMARY KEY,
    user_code_hash TEXT NOT NULL UNIQUE,
    client TEXT NOT NULL,
    scopes TEXT NOT NULL,
    address TEXT NOT NULL,
    agent TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    polled_at BIGINT,
    pause_seconds INTEGER NOT NULL,
    answer INTEGER NOT NULL,
    grant_id TEXT NOT NULL
);
CREATE INDEX device_codes_by_end ON device_codes (expires_at);

-- What a person has allowed a client before: not asked again.
CREATE TABLE consents (
    account TEXT NOT NULL REFERENCES accounts (key),
    client TEXT NOT NULL,
    scopes TEXT NOT NULL,
    given_at BIGINT NOT NULL,
    PRIMARY KEY (account, client)
);

-- Issuers whose tokens a tenant takes for its CI's jobs. Claims: a JSON object of text.
CREATE TABLE trusted_issuers (
    id TEXT PRIMARY KEY,
    tenant TEXT NOT NULL,
    tenant_key TEXT NOT NULL,
    issuer TEXT NOT NULL,
    audience TEXT NOT NULL,
    claims TEXT NOT NULL,
    account TEXT NOT NULL REFERENCES accounts (key),
    account_name TEXT NOT NULL,
    repository TEXT NOT NULL,
    repository_key TEXT NOT NULL,
    scopes TEXT NOT NULL,
    lifetime_minutes INTEGER NOT NULL,
    created_by TEXT NOT NULL,
    created_at BIGINT NOT NULL
);
CREATE INDEX trusted_issuers_by_tenant ON trusted_issuers (tenant_key, created_at);
CREATE INDEX trusted_issuers_by_issuer ON trusted_issuers (issuer, repository_key);
