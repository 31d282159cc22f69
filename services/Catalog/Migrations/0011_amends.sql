-- `spread_to`: of an event that many watch, the last webhook by its id that has been looked at, until it is spread. `comment`: the one that it tells of, absent where it tells of none, or was written before this was kept;
-- `is_hidden`: that one was hidden when its repository was deleted.
ALTER TABLE webhook_events ADD COLUMN spread_to TEXT NOT NULL DEFAULT '';
ALTER TABLE webhook_events ADD COLUMN comment BIGINT;
ALTER TABLE webhook_events ADD COLUMN is_hidden BOOLEAN NOT NULL DEFAULT FALSE;
CREATE INDEX webhook_events_by_repository ON webhook_events (repository_id);

-- `waiting_most`: no more deliveries than that wait, if it is below the bound; at the bound they are counted. `redeliveries_until`: when what was asked to be sent again by hand will have been paid for.
ALTER TABLE webhooks ADD COLUMN waiting_most INTEGER NOT NULL DEFAULT 10000;
ALTER TABLE webhooks ADD COLUMN redeliveries_until BIGINT NOT NULL DEFAULT 0;
