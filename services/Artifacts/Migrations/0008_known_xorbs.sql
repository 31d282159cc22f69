-- known_until: until then a tenant that sent all of a xorb is told of it. The same for everybody, whatever else is stored: what is known for longer would tell who else has its chunks.
-- sent_bytes: what it took as the tenant sent it. Of xorbs that were there before it is not known.
ALTER TABLE tenant_xorbs ADD COLUMN known_until BIGINT NOT NULL DEFAULT 0;
ALTER TABLE tenant_xorbs ADD COLUMN sent_bytes BIGINT NOT NULL DEFAULT 0;
UPDATE tenant_xorbs SET known_until = (SELECT kept_until FROM xorbs WHERE xorbs.id = tenant_xorbs.xorb);
CREATE INDEX tenant_xorbs_by_time ON tenant_xorbs (known_until);
