-- How others get at a repository's files; 1: without asking.
ALTER TABLE repositories ADD COLUMN gate INTEGER NOT NULL DEFAULT 1;
