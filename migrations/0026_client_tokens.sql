-- Access tokens that applications were given in their own name (RFC 6749 §4.4), by their digests.
CREATE TABLE client_token (
    digest     TEXT PRIMARY KEY,
    client_id  TEXT NOT NULL REFERENCES client (id),
    scope      TEXT NOT NULL,
    -- What it is for (RFC 8707); NULL: whoever asks this house about it.
    resource   TEXT,
    -- The key to which it is bound (RFC 9449).
    jkt        TEXT,
    issued_at  BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    revoked_at BIGINT
);
CREATE INDEX client_token_by_expiry ON client_token (expires_at);
CREATE INDEX client_token_by_client ON client_token (client_id);
