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
