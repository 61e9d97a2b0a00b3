-- Dynamic registration (RFC 7591, RFC 7592), and the salt of pairwise subjects.

-- What an application needs to be let in to register itself. Only a digest is stored.
CREATE TABLE initial_access_token (
    id         TEXT PRIMARY KEY,
    digest     TEXT NOT NULL UNIQUE,
    -- For whom it was made, in words of the city.
    note       TEXT NOT NULL,
    uses_left  BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE INDEX initial_access_token_by_expiry ON initial_access_token (expires_at);

-- Which applications registered themselves, and what each of them manages its registration with.
CREATE TABLE self_registration (
    client_id     TEXT PRIMARY KEY REFERENCES client (id),
    -- Digest of the registration access token.
    token_digest  TEXT NOT NULL UNIQUE,
    registered_at BIGINT NOT NULL
);
CREATE INDEX self_registration_by_age ON self_registration (registered_at);

-- Secrets of the house that must outlive everything: made once, sealed with the master key.
CREATE TABLE house_secret (
    name   TEXT PRIMARY KEY,
    sealed BYTEA NOT NULL
);
