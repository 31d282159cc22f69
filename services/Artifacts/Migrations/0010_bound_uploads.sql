-- With a token for one repository a file is sent anew, whoever of the tenant has it: its upload, complete, is the proof that the sender had its bytes.
CREATE TABLE uploads_of_repositories (
    id TEXT PRIMARY KEY,
    tenant TEXT NOT NULL,
    repository TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    size BIGINT NOT NULL,
    multipart BOOLEAN NOT NULL,
    part_size BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    completed_at BIGINT NOT NULL,
    UNIQUE (tenant, repository, sha256, size, multipart)
);
INSERT INTO uploads_of_repositories (id, tenant, repository, sha256, size, multipart, part_size, expires_at, completed_at)
SELECT id, tenant, '', sha256, size, multipart, part_size, expires_at, completed_at FROM upload_sessions;

CREATE TABLE parts_of_repositories (
    session TEXT NOT NULL REFERENCES uploads_of_repositories (id) ON DELETE CASCADE,
    number INTEGER NOT NULL,
    etag TEXT NOT NULL,
    object TEXT NOT NULL UNIQUE,
    PRIMARY KEY (session, number)
);
INSERT INTO parts_of_repositories (session, number, etag, object) SELECT session, number, etag, object FROM upload_parts;

DROP TABLE upload_parts;
DROP TABLE upload_sessions;
ALTER TABLE uploads_of_repositories RENAME TO upload_sessions;
ALTER TABLE parts_of_repositories RENAME TO upload_parts;
CREATE INDEX upload_sessions_by_expiry ON upload_sessions (expires_at);
