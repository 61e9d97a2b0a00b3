-- The password that a mail system keeps a second time (OBM's SQL) while the account is locked: set aside, sealed with
-- the master key, before it is replaced by one that opens nothing, and forgotten once it was given back.
CREATE TABLE second_password (
    system          TEXT NOT NULL,
    account_id      TEXT NOT NULL REFERENCES account (id),
    -- Who it is in the mail system's own tables.
    person          BIGINT,
    -- What was set aside and what was put in its place. NULL: nothing has been read yet.
    sealed          BYTEA,
    -- When the replacement was seen in place. NULL: it waits.
    replaced_at     BIGINT,
    attempts        BIGINT NOT NULL,
    next_attempt_at BIGINT NOT NULL,
    last_error      TEXT,
    -- Until when a node is at work on it.
    busy_until      BIGINT,
    PRIMARY KEY (system, account_id)
);
CREATE UNIQUE INDEX second_password_by_person ON second_password (system, person) WHERE person IS NOT NULL;
