-- named_at: when the tenant last sent the file or asked whether it has it, to the hour; what no repository of the tenant's has is released some time after that.
ALTER TABLE tenant_files ADD COLUMN named_at BIGINT NOT NULL DEFAULT 0;
UPDATE tenant_files SET named_at = added_at;
CREATE INDEX tenant_files_by_naming ON tenant_files (named_at);

-- releases: grows whenever a file lets go of the xorb; releases_seen: what it was when the collector last looked how much of the xorb is needed.
ALTER TABLE xorbs ADD COLUMN releases BIGINT NOT NULL DEFAULT 1;
ALTER TABLE xorbs ADD COLUMN releases_seen BIGINT NOT NULL DEFAULT 0;

-- scrubbed_at: when all of the xorb was last read to see whether it is as it was stored. damaged_chunks: how many were not and could not be repaired;
-- fault: what is wrong with the first of them.
ALTER TABLE xorbs ADD COLUMN scrubbed_at BIGINT NOT NULL DEFAULT 0;
ALTER TABLE xorbs ADD COLUMN damaged_chunks INTEGER NOT NULL DEFAULT 0;
ALTER TABLE xorbs ADD COLUMN fault TEXT NOT NULL DEFAULT '';
CREATE INDEX xorbs_by_scrub ON xorbs (scrubbed_at);

-- Objects that nothing names any more; they go when nobody can be reading them.
CREATE TABLE garbage (object TEXT PRIMARY KEY, since BIGINT NOT NULL);
CREATE INDEX garbage_by_age ON garbage (since);
