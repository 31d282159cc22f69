-- Passwords as ASP.NET Core Identity's hasher writes them: algorithm, cost and salt stand in front.
CREATE TABLE passwords (
    account TEXT PRIMARY KEY REFERENCES accounts (key),
    hash TEXT NOT NULL,
    changed_at BIGINT NOT NULL
);

-- Wrong tries in a row at one secret. What is tried is kept as a hash, also of names that nobody has: people type their password where the name belongs.
CREATE TABLE tries (
    what TEXT PRIMARY KEY,
    failures INTEGER NOT NULL,
    last_at BIGINT NOT NULL
);
CREATE INDEX tries_by_time ON tries (last_at);

-- Of sessions and links only the SHA-256 is stored. A session that has ended has no row.
CREATE TABLE sessions (
    id TEXT PRIMARY KEY,
    hash TEXT NOT NULL UNIQUE,
    account TEXT NOT NULL REFERENCES accounts (key),
    is_strong BOOLEAN NOT NULL,
    created_at BIGINT NOT NULL,
    proved_at BIGINT NOT NULL,
    last_seen_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    address TEXT NOT NULL,
    agent TEXT NOT NULL
);
CREATE INDEX sessions_by_account ON sessions (account, created_at);
CREATE INDEX sessions_by_end ON sessions (expires_at);

-- The secret of an authenticator app, and the newest of its time steps that was used. It counts when it is confirmed.
CREATE TABLE second_factors (
    account TEXT PRIMARY KEY REFERENCES accounts (key),
    secret {blob} NOT NULL,
    last_step BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    confirmed_at BIGINT
);

CREATE TABLE recovery_codes (
    account TEXT NOT NULL REFERENCES accounts (key),
    hash TEXT NOT NULL,
    used_at BIGINT,
    PRIMARY KEY (account, hash)
);

-- What tenants ask of their people, by the key of the tenant; none: nothing.
CREATE TABLE sign_in_rules (
    tenant TEXT PRIMARY KEY,
    second_factor_required BOOLEAN NOT NULL,
    changed_by TEXT NOT NULL,
    changed_at BIGINT NOT NULL
);

CREATE TABLE invitations (
    id TEXT PRIMARY KEY,
    hash TEXT NOT NULL UNIQUE,
    tenant TEXT NOT NULL,
    tenant_key TEXT NOT NULL,
    email TEXT NOT NULL,
    display_name TEXT NOT NULL,
    name TEXT NOT NULL,
    roles TEXT NOT NULL,
    created_by TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    accepted_at BIGINT,
    accepted_by TEXT NOT NULL,
    revoked_at BIGINT
);
CREATE INDEX invitations_by_tenant ON invitations (tenant_key, created_at);

-- One for an account: a new one takes the place of the old.
CREATE TABLE password_resets (
    account TEXT PRIMARY KEY REFERENCES accounts (key),
    hash TEXT NOT NULL UNIQUE,
    created_by TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);
