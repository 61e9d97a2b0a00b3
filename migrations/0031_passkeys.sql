-- Passkeys of accounts (Web Authentication): public keys only.
CREATE TABLE passkey (
    id            TEXT PRIMARY KEY,
    account_id    TEXT NOT NULL REFERENCES account (id),
    -- The credential's id, in base64url.
    credential    TEXT NOT NULL UNIQUE,
    public_key    BYTEA NOT NULL,
    -- How often it was used, as it tells itself; 0: it does not count.
    counter       BIGINT NOT NULL,
    can_be_copied BOOLEAN NOT NULL,
    -- What its holder calls it.
    name          TEXT NOT NULL,
    made_at       BIGINT NOT NULL,
    last_used_at  BIGINT
);
CREATE INDEX passkey_by_account ON passkey (account_id);

-- Challenges that were answered, by digest, until they would have expired: each is answered once.
CREATE TABLE answered_challenge (
    digest     TEXT PRIMARY KEY,
    expires_at BIGINT NOT NULL
);
CREATE INDEX answered_challenge_by_expiry ON answered_challenge (expires_at);
