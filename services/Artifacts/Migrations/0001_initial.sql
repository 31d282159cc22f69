-- One row a file, whichever tenants hold it. report: a StoredFile; verdict and examiner repeat what is searched by.
CREATE TABLE files (
    sha256 TEXT PRIMARY KEY,
    size BIGINT NOT NULL,
    hint TEXT NOT NULL,
    verdict INTEGER NOT NULL,
    examiner TEXT NOT NULL,
    report {blob} NOT NULL,
    stored_at BIGINT NOT NULL
);
CREATE INDEX files_by_examiner ON files (examiner, sha256);

-- Who may know of a file: tenants that have proved to hold its bytes. Tenants in lower case.
CREATE TABLE tenant_files (
    tenant TEXT NOT NULL,
    sha256 TEXT NOT NULL REFERENCES files (sha256),
    added_at BIGINT NOT NULL,
    PRIMARY KEY (tenant, sha256)
);
CREATE INDEX tenant_files_by_sha256 ON tenant_files (sha256);

-- part_size 0: the file comes in one request.
CREATE TABLE upload_sessions (
    id TEXT PRIMARY KEY,
    tenant TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    size BIGINT NOT NULL,
    hint TEXT NOT NULL,
    multipart BOOLEAN NOT NULL,
    part_size BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    completed_at BIGINT NOT NULL,
    UNIQUE (tenant, sha256, size, multipart)
);
CREATE INDEX upload_sessions_by_expiry ON upload_sessions (expires_at);

CREATE TABLE upload_parts (
    session TEXT NOT NULL REFERENCES upload_sessions (id) ON DELETE CASCADE,
    number INTEGER NOT NULL,
    etag TEXT NOT NULL,
    object TEXT NOT NULL UNIQUE,
    PRIMARY KEY (session, number)
);

CREATE TABLE url_keys (id INTEGER PRIMARY KEY, secret {blob} NOT NULL, created_at BIGINT NOT NULL);
