-- Which scanners looked at all of a repository's small files, those apart that wait for them.
ALTER TABLE repositories ADD COLUMN scanners TEXT NOT NULL DEFAULT '';
ALTER TABLE repositories ADD COLUMN awaits_scan BOOLEAN NOT NULL DEFAULT FALSE;
