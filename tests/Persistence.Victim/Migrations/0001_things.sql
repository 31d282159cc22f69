CREATE TABLE things (
    id {identity},
    name TEXT NOT NULL UNIQUE,
    at BIGINT NOT NULL,
    ended_at BIGINT,
    payload {blob},
    notes TEXT NOT NULL DEFAULT '{}'
);
