-- Names that repositories had: they are found by them until others take the names.
CREATE TABLE former_names (
    key TEXT NOT NULL,
    kind INTEGER NOT NULL,
    repository_id TEXT NOT NULL REFERENCES repositories (id) ON DELETE CASCADE,
    at BIGINT NOT NULL,
    PRIMARY KEY (key, kind)
);
CREATE INDEX former_names_by_repository ON former_names (repository_id);
