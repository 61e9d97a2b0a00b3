-- Who had the way of an account to sign in in their hands: reset its password or removed its second factors. For some days
-- afterwards neither decides on requests of the other (services/approvals/hands.rs).
CREATE TABLE handed_over (
    account_id TEXT NOT NULL REFERENCES account (id),
    -- An account, or the registration of an application.
    by_id      TEXT NOT NULL,
    -- The last time, or when the same one has lifted a lock of it since.
    at         BIGINT NOT NULL,
    PRIMARY KEY (account_id, by_id)
);
