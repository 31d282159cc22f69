-- One row a xorb in the store, under the name `object`. chunks: its XorbIndex. touched_at: when it was last stored or found by an upload; what no
-- file needs is collected some time after that.
CREATE TABLE xorbs (
    id {identity},
    hash TEXT NOT NULL UNIQUE,
    object TEXT NOT NULL UNIQUE,
    tenant TEXT NOT NULL,
    stored_bytes BIGINT NOT NULL,
    chunks {blob} NOT NULL,
    touched_at BIGINT NOT NULL
);
CREATE INDEX xorbs_by_touch ON xorbs (touched_at);

-- Where chunks are. key: the first word of the chunk's hash; place: xorb * 8192 + number. A chunk may be in several xorbs.
CREATE TABLE chunks (key BIGINT NOT NULL, place BIGINT NOT NULL, PRIMARY KEY (key, place)){clustered};

-- The chunks that a file is made of. terms: FileLayout. xet_hash: how Xet clients call the file.
CREATE TABLE file_layouts (
    sha256 TEXT PRIMARY KEY REFERENCES files (sha256) ON DELETE CASCADE,
    xet_hash TEXT NOT NULL,
    terms {blob} NOT NULL
);
CREATE INDEX file_layouts_by_hash ON file_layouts (xet_hash);

-- Which xorbs a file needs: no xorb goes while a file needs it.
CREATE TABLE file_xorbs (
    sha256 TEXT NOT NULL REFERENCES file_layouts (sha256) ON DELETE CASCADE,
    xorb BIGINT NOT NULL REFERENCES xorbs (id),
    PRIMARY KEY (sha256, xorb)
);
CREATE INDEX file_xorbs_by_xorb ON file_xorbs (xorb);

-- Tenants that may know all of a xorb, for they sent all of it.
CREATE TABLE tenant_xorbs (
    tenant TEXT NOT NULL,
    xorb BIGINT NOT NULL REFERENCES xorbs (id) ON DELETE CASCADE,
    PRIMARY KEY (tenant, xorb)
);
CREATE INDEX tenant_xorbs_by_xorb ON tenant_xorbs (xorb);
