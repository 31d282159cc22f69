-- Files are examined by their bytes alone: what a name makes of them is the catalog's matter.
ALTER TABLE files DROP COLUMN hint;
ALTER TABLE upload_sessions DROP COLUMN hint;
