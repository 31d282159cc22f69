-- stored_bytes: what the file's chunks take where they are; more than that no tenant pays for it. Of files that were there before it is not known so well: all of their xorbs.
ALTER TABLE file_layouts ADD COLUMN stored_bytes BIGINT NOT NULL DEFAULT 0;
UPDATE file_layouts SET stored_bytes = COALESCE(
    (SELECT CAST(SUM(xorbs.stored_bytes) AS BIGINT) FROM file_xorbs JOIN xorbs ON xorbs.id = file_xorbs.xorb WHERE file_xorbs.sha256 = file_layouts.sha256), 0);

-- counted_to: the chunks of the file in xorbs up to this one are in the tenant's tenant_chunks; 2^63-1: all. It changes only while the file's layout is locked.
-- uncounted_bytes: what the rest may take at most, the file's stored_bytes until all are counted. UsageWorker counts.
ALTER TABLE tenant_files ADD COLUMN counted_to BIGINT NOT NULL DEFAULT 0;
ALTER TABLE tenant_files ADD COLUMN uncounted_bytes BIGINT NOT NULL DEFAULT 0;
UPDATE tenant_files SET uncounted_bytes = COALESCE((SELECT stored_bytes FROM file_layouts WHERE file_layouts.sha256 = tenant_files.sha256), 0);
CREATE INDEX tenant_files_to_count ON tenant_files (tenant, sha256) WHERE counted_to < 9223372036854775807;

-- What a tenant holds: its files, their bytes, what their counted chunks take in the store, each distinct one once, and what the others may take. version grows whenever
-- its tenant_chunks change: what was computed of them before is void then.
CREATE TABLE tenant_usage (
    tenant TEXT PRIMARY KEY,
    files BIGINT NOT NULL,
    logical_bytes BIGINT NOT NULL,
    stored_bytes BIGINT NOT NULL,
    uncounted_bytes BIGINT NOT NULL,
    version BIGINT NOT NULL
);
INSERT INTO tenant_usage (tenant, files, logical_bytes, stored_bytes, uncounted_bytes, version)
SELECT tenant_files.tenant, COUNT(*), CAST(SUM(files.size) AS BIGINT), 0, CAST(SUM(tenant_files.uncounted_bytes) AS BIGINT), 0
FROM tenant_files JOIN files ON files.sha256 = tenant_files.sha256 GROUP BY tenant_files.tenant;

-- Which chunks of a xorb the files of a tenant need. counts: ChunkCounts. No row: none.
CREATE TABLE tenant_chunks (
    tenant TEXT NOT NULL,
    xorb BIGINT NOT NULL REFERENCES xorbs (id),
    counts {blob} NOT NULL,
    PRIMARY KEY (tenant, xorb)
);
CREATE INDEX tenant_chunks_by_xorb ON tenant_chunks (xorb);

-- Files that a tenant has no more, and whose chunks in xorbs up to counted_to are still counted.
CREATE TABLE tenant_returns (
    id {identity},
    tenant TEXT NOT NULL,
    xet_hash TEXT NOT NULL,
    terms {blob} NOT NULL,
    counted_to BIGINT NOT NULL
);
CREATE INDEX tenant_returns_by_tenant ON tenant_returns (tenant, id);

-- What an operator has set for a tenant. NULL: as for everybody; 0: no limit.
CREATE TABLE tenant_quotas (tenant TEXT PRIMARY KEY, logical_bytes BIGINT, stored_bytes BIGINT);
