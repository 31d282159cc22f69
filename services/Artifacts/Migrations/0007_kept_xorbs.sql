-- kept_until: until then a xorb stays that a Xet client sent, needed or not, for the client may name it again without sending it. Of those that were there before it is not known who sent them: all stay so long.
ALTER TABLE xorbs ADD COLUMN kept_until BIGINT NOT NULL DEFAULT 0;
UPDATE xorbs SET kept_until = touched_at + 1900800000;
