-- Back-channel logout: applications are told when a session ends (OIDC Back-Channel Logout 1.0).

-- Where the application listens; NULL: it is not told.
ALTER TABLE client ADD COLUMN backchannel_logout_uri TEXT;

-- The outbox: one notice for each application and ended session.
CREATE TABLE logout_notice (
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
    PRIMARY KEY (client_id, session_id)
);
CREATE INDEX logout_notice_by_due ON logout_notice (next_attempt_at) WHERE done_at IS NULL;
CREATE INDEX logout_notice_by_account ON logout_notice (account_id);
