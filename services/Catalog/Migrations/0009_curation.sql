-- Who reviews what is under review, and who has approved of it: accounts in lower case, a space around each.
ALTER TABLE repositories ADD COLUMN submitter TEXT NOT NULL DEFAULT '';
ALTER TABLE repositories ADD COLUMN reviewers TEXT NOT NULL DEFAULT '';
ALTER TABLE repositories ADD COLUMN approvals TEXT NOT NULL DEFAULT '';
UPDATE repositories SET submitter = COALESCE(
    (SELECT lower(account) FROM lifecycle_steps WHERE repository_id = repositories.id AND action = 1 ORDER BY id DESC LIMIT 1), '') WHERE submission <> 0;
CREATE INDEX repositories_by_retirement ON repositories (retires_at) WHERE retires_at IS NOT NULL;

-- Each step is chained to the one before by its hash; `step_hash` is that of a repository's newest one. Steps from before have none, and are covered by the first that has one.
ALTER TABLE lifecycle_steps ADD COLUMN reviewer TEXT NOT NULL DEFAULT '';
ALTER TABLE lifecycle_steps ADD COLUMN hash TEXT NOT NULL DEFAULT '';
ALTER TABLE repositories ADD COLUMN step_hash TEXT NOT NULL DEFAULT '';

-- What models were made of, as the newest revision says and as the published one does. `base_key` is the base's name in lower case, whether there is such a repository or not.
CREATE TABLE family_ties (
    repository_id TEXT NOT NULL REFERENCES repositories (id) ON DELETE CASCADE,
    is_published BOOLEAN NOT NULL,
    base_key TEXT NOT NULL,
    base TEXT NOT NULL,
    relation INTEGER NOT NULL,
    is_declared BOOLEAN NOT NULL,
    is_measured BOOLEAN NOT NULL,
    is_relation_declared BOOLEAN NOT NULL,
    PRIMARY KEY (repository_id, is_published, base_key)
);
CREATE INDEX family_ties_by_base ON family_ties (base_key, repository_id);
-- By which rules its ties were read; 0: not yet.
ALTER TABLE repositories ADD COLUMN family_version INTEGER NOT NULL DEFAULT 0;
CREATE INDEX repositories_by_family_version ON repositories (family_version, id);
