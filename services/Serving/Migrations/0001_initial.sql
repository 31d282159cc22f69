-- Usage that Entitlement has not yet taken over.
CREATE TABLE usage_outbox (
    id TEXT PRIMARY KEY,
    record {blob} NOT NULL,
    at BIGINT NOT NULL
);
CREATE INDEX usage_outbox_at ON usage_outbox (at);
