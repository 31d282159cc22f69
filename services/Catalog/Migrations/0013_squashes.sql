-- Two branches of the same files, squashed by the same account in the same second with the same words, become one commit, which took the place of both.
CREATE TABLE squashes_of_several (
    repository_id TEXT NOT NULL REFERENCES repositories (id) ON DELETE CASCADE,
    revision TEXT NOT NULL,
    replaced TEXT NOT NULL,
    PRIMARY KEY (repository_id, revision, replaced)
);
INSERT INTO squashes_of_several (repository_id, revision, replaced) SELECT repository_id, revision, replaced FROM squashes;
DROP TABLE squashes;
ALTER TABLE squashes_of_several RENAME TO squashes;
