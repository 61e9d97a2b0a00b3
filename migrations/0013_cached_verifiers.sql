-- The last password that a directory took, for the time in which it cannot be asked: Argon2id of a keyed digest of it.
-- Without the master key it opens nothing. Empty unless the city has switched it on.
CREATE TABLE cached_verifier (
    account_id TEXT PRIMARY KEY REFERENCES account (id),
    -- The mailbox that proved it.
    system     TEXT NOT NULL,
    native_id  TEXT NOT NULL,
    verifier   BYTEA NOT NULL,
    -- When the directory took the password.
    proven_at  BIGINT NOT NULL
);
CREATE INDEX cached_verifier_by_age ON cached_verifier (proven_at);
-- How the password was proven: 'bind' by its directory, 'cached' against the last known one.
ALTER TABLE session ADD COLUMN proof TEXT NOT NULL DEFAULT 'bind';
ALTER TABLE access_grant ADD COLUMN proof TEXT NOT NULL DEFAULT 'bind';
