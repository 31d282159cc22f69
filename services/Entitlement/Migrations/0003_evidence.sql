-- The keys that evidence and checkpoints are signed with. The newest signs; of the others the public half stays for ever.
CREATE TABLE evidence_keys (
    id TEXT PRIMARY KEY,
    public_key {blob} NOT NULL,
    private_key {blob},
    created_at BIGINT NOT NULL,
    retired_at BIGINT
);

-- Signed statements of the chain's end at a time.
CREATE TABLE audit_checkpoints (
    sequence BIGINT PRIMARY KEY,
    hash {blob} NOT NULL,
    at BIGINT NOT NULL,
    envelope TEXT NOT NULL
);

-- What commitments in the audit trail stand for. Erasing rows leaves the chain as it is.
CREATE TABLE audit_persons (
    commitment TEXT PRIMARY KEY,
    sequence BIGINT NOT NULL,
    account TEXT NOT NULL,
    value TEXT NOT NULL,
    salt {blob} NOT NULL
);
CREATE INDEX audit_persons_by_record ON audit_persons (sequence);
CREATE INDEX audit_persons_by_account ON audit_persons (account);

-- How far other services' events are taken over into the audit trail; moved in the transaction of the records.
CREATE TABLE audit_sources (service TEXT PRIMARY KEY, position BIGINT NOT NULL);

-- What a text asks for, in protobuf's JSON; grace_until: so long an acceptance of the text before counts too.
ALTER TABLE licenses ADD COLUMN obligations TEXT NOT NULL DEFAULT '{}';
ALTER TABLE licenses ADD COLUMN grace_until BIGINT;
ALTER TABLE licenses ADD COLUMN requires_contract BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE license_texts ADD COLUMN obligations TEXT NOT NULL DEFAULT '{}';

-- The member for whom alone a text is accepted, in lower case; empty: the organisation.
ALTER TABLE acceptances ADD COLUMN for_account TEXT NOT NULL DEFAULT '';

-- The signed statements of acceptances (kind 1) and of their withdrawals (kind 2); rows are only added.
CREATE TABLE acceptance_evidence (
    acceptance TEXT NOT NULL REFERENCES acceptances (id),
    kind INTEGER NOT NULL,
    envelope TEXT NOT NULL,
    PRIMARY KEY (acceptance, kind)
);
