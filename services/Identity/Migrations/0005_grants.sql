-- Until when something can still come of a grant, if it is not used before: a token that is good, one to refresh it with, a code on its way, a device that waits.
ALTER TABLE grants ADD COLUMN good_until BIGINT NOT NULL DEFAULT 0;
UPDATE grants SET good_until = COALESCE(
    (SELECT MAX(refresh_tokens.expires_at) FROM refresh_tokens WHERE refresh_tokens.grant_id = grants.id AND refresh_tokens.used_at IS NULL),
    (SELECT MAX(tokens.expires_at) FROM tokens WHERE tokens.grant_id = grants.id),
    grants.expires_at);
CREATE INDEX grants_by_use ON grants (good_until);

-- What devices are counted by: an address, or of IPv6 the network that a subscriber is given.
ALTER TABLE device_codes ADD COLUMN network TEXT NOT NULL DEFAULT '';
CREATE INDEX device_codes_by_network ON device_codes (network, expires_at);
