-- What upstream said of the files of commits that were taken from there: rows are only added. `digest` is empty while the list is not whole.
CREATE TABLE origins (
    repository_id TEXT NOT NULL REFERENCES repositories (id) ON DELETE CASCADE,
    number BIGINT NOT NULL,
    revision TEXT NOT NULL,
    source_kind INTEGER NOT NULL,
    source_origin TEXT NOT NULL,
    source_revision TEXT NOT NULL,
    account TEXT NOT NULL,
    at BIGINT NOT NULL,
    files INTEGER NOT NULL,
    digest TEXT NOT NULL,
    PRIMARY KEY (repository_id, number)
);

-- Their lists, some files in each row (OriginLines), by path when they are whole.
CREATE TABLE origin_files (
    repository_id TEXT NOT NULL,
    number BIGINT NOT NULL,
    place INTEGER NOT NULL,
    content {blob} NOT NULL,
    PRIMARY KEY (repository_id, number, place),
    FOREIGN KEY (repository_id, number) REFERENCES origins (repository_id, number) ON DELETE CASCADE
);

-- What a commit without parents took the place of, since that is kept: what came before is part of its history none the less.
CREATE TABLE squashes (
    repository_id TEXT NOT NULL REFERENCES repositories (id) ON DELETE CASCADE,
    revision TEXT NOT NULL,
    replaced TEXT NOT NULL,
    PRIMARY KEY (repository_id, revision)
);

-- The newest record in short, while it is of the source that the repository has.
ALTER TABLE repositories ADD COLUMN source_files INTEGER NOT NULL DEFAULT 0;
ALTER TABLE repositories ADD COLUMN source_digest TEXT NOT NULL DEFAULT '';

-- The source that the newest published revision was reviewed with, as others see it; NULL: the repository's own, which has not been another since.
ALTER TABLE repositories ADD COLUMN published_source {blob};
