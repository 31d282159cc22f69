-- One row a torch checkpoint that was examined and found to be tensors. state: ConversionState; converter: who was last asked. target: the safetensors file;
-- statement: a DSSE envelope in JSON. The row holds the target, which no repository has, as long as the checkpoint is there.
CREATE TABLE conversions (
    source TEXT PRIMARY KEY REFERENCES files (sha256) ON DELETE CASCADE,
    state INTEGER NOT NULL,
    converter TEXT NOT NULL,
    reason TEXT NOT NULL,
    message TEXT NOT NULL,
    target TEXT REFERENCES files (sha256),
    size BIGINT NOT NULL,
    statement {blob} NOT NULL,
    changed_at BIGINT NOT NULL
);
CREATE INDEX conversions_by_state ON conversions (state, source);
CREATE INDEX conversions_by_target ON conversions (target);

-- The key that statements are signed with. private_key: PKCS #8.
CREATE TABLE statement_keys (id INTEGER PRIMARY KEY, private_key {blob} NOT NULL, created_at BIGINT NOT NULL);
