-- Annotated tags, as they were pushed. `target` is the commit that they name.
CREATE TABLE tags (
    repository_id TEXT NOT NULL REFERENCES repositories (id) ON DELETE CASCADE,
    oid TEXT NOT NULL,
    target TEXT NOT NULL,
    content {blob} NOT NULL,
    PRIMARY KEY (repository_id, oid)
);

-- The annotated tag that a ref names; empty: it names the commit itself.
ALTER TABLE refs ADD COLUMN tag TEXT NOT NULL DEFAULT '';
