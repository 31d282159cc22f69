-- Who asked for a gated repository, or was let in unasked: one row for a repository (by its id, for names change) and an account, whatever became of it.
-- The rows of a repository that is deleted stay: no other ever has its id.
CREATE TABLE access_requests (
    repository_id TEXT NOT NULL,
    account_key TEXT NOT NULL,
    repository TEXT NOT NULL,
    kind INTEGER NOT NULL,
    account TEXT NOT NULL,
    tenant TEXT NOT NULL,
    full_name TEXT NOT NULL,
    email TEXT NOT NULL,
    status INTEGER NOT NULL,
    fields TEXT NOT NULL,
    asked_at BIGINT,
    changed_at BIGINT NOT NULL,
    decided_by TEXT NOT NULL,
    rejection_reason TEXT NOT NULL,
    until BIGINT,
    PRIMARY KEY (repository_id, account_key)
);
CREATE INDEX access_requests_by_status ON access_requests (repository_id, status, changed_at, account_key);
CREATE INDEX access_requests_by_account ON access_requests (account_key, changed_at);
