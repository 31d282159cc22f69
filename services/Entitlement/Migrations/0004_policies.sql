-- Policies: which version stands (scope: the tenant's key, empty for the garden's), and every version that ever did; of the latter rows are only added.
CREATE TABLE policies (
    scope TEXT PRIMARY KEY,
    tenant TEXT NOT NULL,
    version INTEGER NOT NULL
);

CREATE TABLE policy_versions (
    scope TEXT NOT NULL,
    version INTEGER NOT NULL,
    tenant TEXT NOT NULL,
    text TEXT NOT NULL,
    rules INTEGER NOT NULL,
    author TEXT NOT NULL,
    reason TEXT NOT NULL,
    set_at BIGINT NOT NULL,
    PRIMARY KEY (scope, version)
);

-- Decisions, to try drafts of policies on: who asked to do what to what, what decided, on which day and how often. Things are what is known of models, by the digest of it; both are kept for some weeks.
CREATE TABLE decided_things (
    id TEXT PRIMARY KEY,
    resource {blob} NOT NULL,
    last_day TEXT NOT NULL
);
CREATE INDEX decided_things_by_day ON decided_things (last_day);

CREATE TABLE decided (
    tenant TEXT NOT NULL,
    thing TEXT NOT NULL,
    account TEXT NOT NULL,
    action INTEGER NOT NULL,
    rule TEXT NOT NULL,
    day TEXT NOT NULL,
    count BIGINT NOT NULL,
    PRIMARY KEY (tenant, thing, account, action, rule, day)
) {clustered};
CREATE INDEX decided_by_day ON decided (day);

-- How many decisions a tenant's people asked for on a day: all, the different ones that are kept, and those beyond what is kept of a day.
CREATE TABLE decided_days (
    tenant TEXT NOT NULL,
    day TEXT NOT NULL,
    decisions BIGINT NOT NULL,
    kept INTEGER NOT NULL,
    lost BIGINT NOT NULL,
    PRIMARY KEY (tenant, day)
) {clustered};
