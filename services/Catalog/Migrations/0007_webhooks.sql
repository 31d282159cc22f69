-- Who has webhooks. Each change of one's set takes this row first, so that bounds are counted by one at a time.
CREATE TABLE webhook_owners (
    account TEXT PRIMARY KEY,
    changes BIGINT NOT NULL
);

-- `due_at`: when the first of its deliveries is due, absent while none waits. `claimed_until`, `claim`: until when which turn of which replica sends them.
CREATE TABLE webhooks (
    id TEXT PRIMARY KEY,
    account TEXT NOT NULL,
    account_key TEXT NOT NULL,
    tenant TEXT NOT NULL,
    url TEXT NOT NULL,
    secret TEXT NOT NULL,
    address TEXT NOT NULL,
    domains INTEGER NOT NULL,
    is_disabled BOOLEAN NOT NULL,
    disabled_reason TEXT NOT NULL,
    failing_since BIGINT,
    due_at BIGINT,
    claimed_until BIGINT NOT NULL,
    claim TEXT NOT NULL,
    created_at BIGINT NOT NULL
);
CREATE INDEX webhooks_by_account ON webhooks (account_key, created_at);
CREATE INDEX webhooks_by_due ON webhooks (due_at) WHERE due_at IS NOT NULL;

-- `target`: `repository/` and its id, or `namespace/` and its name in lower case.
CREATE TABLE webhook_watches (
    webhook_id TEXT NOT NULL REFERENCES webhooks (id) ON DELETE CASCADE,
    place INTEGER NOT NULL,
    type INTEGER NOT NULL,
    name TEXT NOT NULL,
    target TEXT NOT NULL,
    PRIMARY KEY (webhook_id, place)
);
CREATE INDEX webhook_watches_by_target ON webhook_watches (target, webhook_id);

-- What happened to repositories that somebody watches, written with the change itself. `targets`: what it may be watched by, a space between. It goes when no delivery needs it any more.
CREATE TABLE webhook_events (
    id {identity},
    repository_id TEXT NOT NULL,
    targets TEXT NOT NULL,
    domain INTEGER NOT NULL,
    is_spread BOOLEAN NOT NULL,
    at BIGINT NOT NULL,
    content TEXT NOT NULL
);
CREATE INDEX webhook_events_unspread ON webhook_events (id) WHERE NOT is_spread;

-- One row, taken by whoever makes deliveries of events: in their order, one replica at a time.
CREATE TABLE webhook_spreading (
    id INTEGER PRIMARY KEY,
    turns BIGINT NOT NULL
);
INSERT INTO webhook_spreading (id, turns) VALUES (1, 0);

-- An event on its way to a webhook, and the log of it. `due_at` is absent when it is over; `failures`: attempts that failed since it was sent first, or again by hand.
CREATE TABLE webhook_deliveries (
    id TEXT PRIMARY KEY,
    webhook_id TEXT NOT NULL REFERENCES webhooks (id) ON DELETE CASCADE,
    event_id BIGINT NOT NULL,
    scope TEXT NOT NULL,
    action TEXT NOT NULL,
    repository TEXT NOT NULL,
    kind INTEGER NOT NULL,
    status INTEGER NOT NULL,
    attempts INTEGER NOT NULL,
    failures INTEGER NOT NULL,
    created_at BIGINT NOT NULL,
    due_at BIGINT,
    attempted_at BIGINT,
    response_code INTEGER NOT NULL,
    outcome TEXT NOT NULL,
    response TEXT NOT NULL,
    duration BIGINT NOT NULL,
    UNIQUE (webhook_id, event_id)
);
CREATE INDEX webhook_deliveries_by_due ON webhook_deliveries (webhook_id, due_at) WHERE due_at IS NOT NULL;
CREATE INDEX webhook_deliveries_by_event ON webhook_deliveries (event_id);
CREATE INDEX webhook_deliveries_by_age ON webhook_deliveries (created_at);
