CREATE TABLE endpoints (
    tenant_key TEXT NOT NULL,
    name TEXT NOT NULL,
    id TEXT NOT NULL UNIQUE,
    tenant TEXT NOT NULL,
    version BIGINT NOT NULL,
    generation BIGINT NOT NULL,
    deleted BOOLEAN NOT NULL,
    wish TEXT NOT NULL,
    standing TEXT,
    status TEXT NOT NULL,
    created_by TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    last_call_at BIGINT,
    PRIMARY KEY (tenant_key, name)
);
