-- Names are kept twice: as a key in lower case, by which they are found, and as they were written.
CREATE TABLE tenants (
    key TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    display_name TEXT NOT NULL,
    created_at BIGINT NOT NULL
);

CREATE TABLE members (
    tenant TEXT NOT NULL REFERENCES tenants (key),
    key TEXT NOT NULL,
    account TEXT NOT NULL,
    roles TEXT NOT NULL,
    PRIMARY KEY (tenant, key)
);

CREATE TABLE licenses (
    id TEXT PRIMARY KEY,
    title TEXT NOT NULL,
    version INTEGER NOT NULL,
    text_sha256 TEXT NOT NULL,
    requires_acceptance BOOLEAN NOT NULL,
    updated_at BIGINT NOT NULL
);

-- Every text that ever stood; rows are only added.
CREATE TABLE license_texts (
    license TEXT NOT NULL REFERENCES licenses (id),
    version INTEGER NOT NULL,
    text TEXT NOT NULL,
    text_sha256 TEXT NOT NULL,
    added_by TEXT NOT NULL,
    added_at BIGINT NOT NULL,
    PRIMARY KEY (license, version)
);

-- Evidence: of a row only withdrawn_at is ever written again, and once.
CREATE TABLE acceptances (
    id TEXT PRIMARY KEY,
    tenant TEXT NOT NULL REFERENCES tenants (key),
    license TEXT NOT NULL REFERENCES licenses (id),
    license_version INTEGER NOT NULL,
    text_sha256 TEXT NOT NULL,
    account TEXT NOT NULL,
    purpose TEXT NOT NULL,
    accepted_at BIGINT NOT NULL,
    until BIGINT,
    withdrawn_at BIGINT
);
CREATE INDEX acceptances_by_tenant ON acceptances (tenant, license, license_version);

-- Which decisions the audit trail already tells of: grants once (day is empty), refusals once a day.
CREATE TABLE decision_marks (
    tenant TEXT NOT NULL,
    account TEXT NOT NULL,
    action TEXT NOT NULL,
    repository TEXT NOT NULL,
    rule TEXT NOT NULL,
    day TEXT NOT NULL,
    PRIMARY KEY (tenant, account, action, repository, rule, day)
);
CREATE INDEX decision_marks_by_day ON decision_marks (day, tenant);

CREATE TABLE usage_records (
    id TEXT PRIMARY KEY,
    tenant TEXT NOT NULL,
    account TEXT NOT NULL,
    endpoint TEXT NOT NULL,
    repository TEXT NOT NULL,
    revision TEXT NOT NULL,
    operation TEXT NOT NULL,
    input_tokens BIGINT NOT NULL,
    output_tokens BIGINT NOT NULL,
    milliseconds BIGINT NOT NULL,
    at BIGINT NOT NULL,
    day TEXT NOT NULL,
    outcome TEXT NOT NULL
);
CREATE INDEX usage_by_tenant ON usage_records (tenant, at);

CREATE TABLE quotas (
    tenant TEXT PRIMARY KEY REFERENCES tenants (key),
    tokens_per_day BIGINT NOT NULL,
    requests_per_day BIGINT NOT NULL
);

-- What each tenant has used on each day, kept in the transaction of the records that it counts.
CREATE TABLE quota_counters (
    tenant TEXT NOT NULL,
    day TEXT NOT NULL,
    tokens BIGINT NOT NULL,
    requests BIGINT NOT NULL,
    PRIMARY KEY (tenant, day)
);

CREATE TABLE audit (
    sequence BIGINT PRIMARY KEY,
    at BIGINT NOT NULL,
    tenant TEXT NOT NULL,
    account TEXT NOT NULL,
    action TEXT NOT NULL,
    subject TEXT NOT NULL,
    detail TEXT NOT NULL,
    previous_hash {blob} NOT NULL,
    hash {blob} NOT NULL
);
CREATE INDEX audit_by_tenant ON audit (tenant, sequence);

-- The chain's end. Whoever appends holds this row to the end of his transaction, so the chain cannot fork.
CREATE TABLE audit_head (id INTEGER PRIMARY KEY, sequence BIGINT NOT NULL, hash {blob});
INSERT INTO audit_head (id, sequence, hash) VALUES (1, 0, NULL);
