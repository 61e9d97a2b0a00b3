-- The outbox to the directories: one order for each mailbox (docs/directories.md, "Locks"). It is kept by the
-- directory's own identity, so that a mailbox that leaves and comes back is still known to be locked by us.
CREATE TABLE directory_lock (
    system          TEXT NOT NULL,
    native_id       TEXT NOT NULL,
    account_id      TEXT NOT NULL REFERENCES account (id),
    -- 'lock' or 'unlock'.
    wish            TEXT NOT NULL,
    since           BIGINT NOT NULL,
    attempts        BIGINT NOT NULL,
    next_attempt_at BIGINT NOT NULL,
    last_error      TEXT,
    -- When the directory agreed. NULL: the order waits.
    done_at         BIGINT,
    -- Whether the directory's lock is ours: written before the directory is, so that a crash forgets nothing.
    set_by_us       BOOLEAN NOT NULL,
    -- Counts the wishes.
    version         BIGINT NOT NULL,
    -- Until when a node is at work on it.
    busy_until      BIGINT,
    PRIMARY KEY (system, native_id)
);
CREATE INDEX directory_lock_by_account ON directory_lock (account_id);
CREATE INDEX directory_lock_by_due ON directory_lock (next_attempt_at) WHERE done_at IS NULL;
