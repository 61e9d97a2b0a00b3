-- Posts beside the one that the directories tell: entered as a table by the city. Rows stay.
CREATE TABLE post (
    id         TEXT PRIMARY KEY,
    account_id TEXT NOT NULL REFERENCES account (id),
    agency_id  TEXT NOT NULL REFERENCES agency (id),
    title      TEXT NOT NULL,
    added_at   BIGINT NOT NULL,
    added_by   TEXT NOT NULL,
    ended_at   BIGINT,
    ended_by   TEXT
);
CREATE UNIQUE INDEX post_in_force ON post (account_id, agency_id, title) WHERE ended_at IS NULL;
CREATE INDEX post_by_agency ON post (agency_id) WHERE ended_at IS NULL;

-- In which post somebody works; no row: the one that the directories tell.
CREATE TABLE active_post (
    account_id TEXT PRIMARY KEY REFERENCES account (id),
    post_id    TEXT NOT NULL REFERENCES post (id),
    chosen_at  BIGINT NOT NULL
);
