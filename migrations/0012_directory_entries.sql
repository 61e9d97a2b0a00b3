-- What each directory was last read to hold, entry by entry, and up to where its changes were read.

CREATE TABLE directory_entry (
    system    TEXT NOT NULL,
    native_id TEXT NOT NULL,
    -- 'mailbox', or 'set_aside' for an entry that was left out, with the reason.
    kind      TEXT NOT NULL,
    -- JSON: the facts of the entry.
    body      TEXT NOT NULL,
    -- Of kind and body; an entry that has the same one has not changed.
    digest    BYTEA NOT NULL,
    -- FALSE: a run could not do what it asks for; the next one tries again although it did not change.
    settled   BOOLEAN NOT NULL,
    -- When it was first read as it is.
    since     BIGINT NOT NULL,
    PRIMARY KEY (system, native_id)
);
CREATE INDEX directory_entry_unsettled ON directory_entry (system) WHERE NOT settled;
CREATE INDEX directory_entry_set_aside ON directory_entry (system) WHERE kind = 'set_aside';

CREATE TABLE directory_position (
    system   TEXT PRIMARY KEY,
    -- What the directory gave to ask for its changes with; NULL where it can tell none.
    position TEXT,
    -- When everything was last read.
    whole_at BIGINT NOT NULL,
    -- When it was last read at all.
    read_at  BIGINT NOT NULL,
    -- How many mailboxes it held then: counting them each time would read them all.
    mailboxes BIGINT NOT NULL
);

CREATE INDEX mailbox_by_login ON mailbox (system, login);

-- What a run is at: 'reading', 'planning', 'applying'; `progress` counts within it, up to about `expected`.
ALTER TABLE sync_run ADD COLUMN phase TEXT NOT NULL DEFAULT 'reading';
ALTER TABLE sync_run ADD COLUMN expected BIGINT NOT NULL DEFAULT 0;
ALTER TABLE sync_run ADD COLUMN phase_since BIGINT NOT NULL DEFAULT 0;
