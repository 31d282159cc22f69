-- By which rules a repository's small files were examined last; those of older rules are examined again.
ALTER TABLE repositories ADD COLUMN rules_version INTEGER NOT NULL DEFAULT 0;
CREATE INDEX repositories_by_rules ON repositories (rules_version, id);
