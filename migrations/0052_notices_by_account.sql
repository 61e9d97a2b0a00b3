-- One notice for each application, session and account: out of one session an application may be given something for
-- its holder and for a mailbox, and it may be told again of a session that goes on.
CREATE TABLE logout_notice_new (
    client_id       TEXT NOT NULL REFERENCES client (id),
    session_id      TEXT NOT NULL,
    account_id      TEXT NOT NULL REFERENCES account (id),
    since           BIGINT NOT NULL,
    attempts        BIGINT NOT NULL,
    next_attempt_at BIGINT NOT NULL,
    last_error      TEXT,
    -- When the application agreed, or when it was given up. NULL: it waits.
    done_at         BIGINT,
    -- Whether the application agreed.
    answered        BOOLEAN NOT NULL,
    busy_until      BIGINT,
    PRIMARY KEY (client_id, session_id, account_id)
);
INSERT INTO logout_notice_new (client_id, session_id, account_id, since, attempts, next_attempt_at, last_error, done_at,
    answered, busy_until)
SELECT client_id, session_id, account_id, since, attempts, next_attempt_at, last_error, done_at, answered, busy_until
FROM logout_notice;
DROP TABLE logout_notice;
ALTER TABLE logout_notice_new RENAME TO logout_notice;
CREATE INDEX logout_notice_by_due ON logout_notice (next_attempt_at) WHERE done_at IS NULL;
CREATE INDEX logout_notice_by_account ON logout_notice (account_id);
CREATE INDEX logout_notice_by_session ON logout_notice (session_id);
-- Delegations whose last day is over are ended by a job.
CREATE INDEX delegation_by_end ON delegation (ends_at) WHERE ended_at IS NULL;
