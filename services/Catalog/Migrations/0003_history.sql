-- Names that repositories had: they are found by them until others take the names.
CREATE TABLE former_names (
    key TEXT NOT NULL,
    kind INTEGER NOT NULL,
    repository_id TEXT NOT NULL REFERENCES repositories (id) ON DELETE CASCADE,
    at BIGINT NOT NULL,
    PRIMARY KEY (key, kind)
);
CREATE INDEX former_names_by_repository ON former_names (repository_id);

-- Discussions, pull requests among them. A pull request's branch is refs/pr/{number}.
CREATE TABLE discussions (
    repository_id TEXT NOT NULL REFERENCES repositories (id) ON DELETE CASCADE,
    number BIGINT NOT NULL,
    title TEXT NOT NULL,
    status INTEGER NOT NULL,
    is_pull_request BOOLEAN NOT NULL,
    author TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    merge_commit TEXT NOT NULL,
    PRIMARY KEY (repository_id, number)
);

-- What was said and done in them, append-only: a comment that is edited or hidden is an event more, whose subject is the comment.
CREATE TABLE discussion_events (
    id {identity},
    repository_id TEXT NOT NULL REFERENCES repositories (id) ON DELETE CASCADE,
    number BIGINT NOT NULL,
    kind INTEGER NOT NULL,
    author TEXT NOT NULL,
    at BIGINT NOT NULL,
    text TEXT NOT NULL,
    detail TEXT NOT NULL,
    status INTEGER NOT NULL,
    subject BIGINT NOT NULL
);
CREATE INDEX discussion_events_by_discussion ON discussion_events (repository_id, number, id);
