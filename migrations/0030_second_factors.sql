-- Second factors. Of every code only a keyed digest is stored, and the secret of an app only sealed.

-- The authenticator app of an account (RFC 6238).
CREATE TABLE totp (
    account_id   TEXT PRIMARY KEY REFERENCES account (id),
    sealed       BYTEA NOT NULL,
    made_at      BIGINT NOT NULL,
    -- When its first code was typed; until then it proves nothing.
    confirmed_at BIGINT,
    -- The latest step of which a code was taken: neither it nor one before it is taken again.
    last_step    BIGINT NOT NULL
);

CREATE TABLE recovery_code (
    account_id TEXT NOT NULL REFERENCES account (id),
    digest     TEXT NOT NULL,
    made_at    BIGINT NOT NULL,
    used_at    BIGINT,
    PRIMARY KEY (account_id, digest)
);

-- Somebody who has proven something and not yet enough, or only enough to set a new password. It opens nothing.
CREATE TABLE half_sign_in (
    -- Digest of the id that the browser carries.
    id         TEXT PRIMARY KEY,
    account_id TEXT NOT NULL REFERENCES account (id),
    door       TEXT NOT NULL,
    -- 'sign_in', 'unlock' (the factor comes next, then the new password), 'recover' (the new password comes next)
    purpose    TEXT NOT NULL,
    -- Of the old password four bytes of a keyed digest, so that the new one is another.
    mark       TEXT,
    -- 'bind', 'cached', 'none'
    password   TEXT NOT NULL,
    -- Of a cached one: when the directory took it.
    cached_at  BIGINT,
    -- Whether the directory demands a new password.
    must_change BOOLEAN NOT NULL,
    source     TEXT NOT NULL,
    user_agent TEXT NOT NULL,
    began_at   BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE INDEX half_sign_in_by_expiry ON half_sign_in (expires_at);
CREATE INDEX half_sign_in_by_account ON half_sign_in (account_id);

-- A browser that need not be asked for the second factor for a while.
CREATE TABLE trusted_device (
    id           TEXT PRIMARY KEY,
    account_id   TEXT NOT NULL REFERENCES account (id),
    -- Digest of what its cookie holds.
    digest       TEXT NOT NULL UNIQUE,
    user_agent   TEXT NOT NULL,
    source       TEXT NOT NULL,
    made_at      BIGINT NOT NULL,
    last_used_at BIGINT NOT NULL,
    expires_at   BIGINT NOT NULL
);
CREATE INDEX trusted_device_by_account ON trusted_device (account_id);
CREATE INDEX trusted_device_by_expiry ON trusted_device (expires_at);

-- When a second factor was last proven in it.
ALTER TABLE session ADD COLUMN factor_at BIGINT;
