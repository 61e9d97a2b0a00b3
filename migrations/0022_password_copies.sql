-- A new password on its way into the second place in which a mail system keeps passwords (OBM's SQL): its crypt(3) hash,
-- sealed with the master key. The password itself is nowhere. Written before the directory is asked to take the
-- password, proven once the directory has it, forgotten once the second place has it.
CREATE TABLE password_copy (
    id              TEXT PRIMARY KEY,
    system          TEXT NOT NULL,
    account_id      TEXT NOT NULL REFERENCES account (id),
    sealed          BYTEA NOT NULL,
    made_at         BIGINT NOT NULL,
    -- When the directory was seen to have it. NULL: not yet.
    proven_at       BIGINT,
    attempts        BIGINT NOT NULL,
    next_attempt_at BIGINT NOT NULL,
    last_error      TEXT,
    -- Until when a node is at work on it.
    busy_until      BIGINT
);
CREATE INDEX password_copy_by_account ON password_copy (account_id, system);
CREATE INDEX password_copy_that_is_due ON password_copy (system, next_attempt_at) WHERE proven_at IS NOT NULL;

-- True from a password that the house wrote into the directory until the second place has it too, or somebody has set
-- another one in the mail system. What OBM makes anew from its SQL then has the former password.
ALTER TABLE mailbox ADD COLUMN copy_is_old BOOLEAN NOT NULL DEFAULT FALSE;
