-- Who may act for an agency's mailbox, granted and ended with a reason; rows stay.
CREATE TABLE delegation (
    id         TEXT PRIMARY KEY,
    -- The account of the mailbox.
    mailbox_id TEXT NOT NULL REFERENCES account (id),
    person_id  TEXT NOT NULL REFERENCES account (id),
    granted_at BIGINT NOT NULL,
    granted_by TEXT NOT NULL,
    why        TEXT NOT NULL,
    -- NULL: until it is ended.
    ends_at    BIGINT,
    ended_at   BIGINT,
    ended_by   TEXT
);
CREATE UNIQUE INDEX delegation_in_force ON delegation (mailbox_id, person_id) WHERE ended_at IS NULL;
CREATE INDEX delegation_by_person ON delegation (person_id) WHERE ended_at IS NULL;

-- As whom a session goes on to an application; mailbox_id NULL: as oneself.
CREATE TABLE acting_choice (
    session_id TEXT NOT NULL REFERENCES session (id),
    client_id  TEXT NOT NULL REFERENCES client (id),
    mailbox_id TEXT REFERENCES account (id),
    chosen_at  BIGINT NOT NULL,
    PRIMARY KEY (session_id, client_id)
);

-- Grants by the session out of which they came, ended or not: somebody may have been given them as a mailbox.
CREATE INDEX access_grant_by_session_and_account ON access_grant (session_id, account_id);
