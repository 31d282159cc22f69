-- One row: when the last collection was finished, and until when the replica that has begun one keeps the others waiting.
CREATE TABLE collection_schedule (id INTEGER PRIMARY KEY, finished_at BIGINT NOT NULL, claimed_until BIGINT NOT NULL);
