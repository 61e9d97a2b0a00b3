-- The logos of applications, as the house has fetched them: pages show these, never an application's own site.
-- Nothing is kept where media is ''.
CREATE TABLE client_logo (
    client_row TEXT PRIMARY KEY REFERENCES client (id),
    uri        TEXT NOT NULL,
    media      TEXT NOT NULL,
    bytes      BYTEA NOT NULL,
    version    TEXT NOT NULL,
    fetched_at BIGINT,
    due_at     BIGINT NOT NULL,
    failures   BIGINT NOT NULL,
    error      TEXT
);
