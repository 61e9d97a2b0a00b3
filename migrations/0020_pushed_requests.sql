-- Authorization requests that applications push before they send the browser (RFC 9126): good once, and kept a while
-- longer, because they are used up only when they are answered.
CREATE TABLE pushed_request (
    -- Digest of the request_uri.
    id         TEXT PRIMARY KEY,
    client_id  TEXT NOT NULL REFERENCES client (id),
    -- The parameters, one JSON text.
    parameters TEXT NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE INDEX pushed_request_by_expiry ON pushed_request (expires_at);

-- The thumbprint of the key to which a token is bound (RFC 9449); NULL: to none.
ALTER TABLE token ADD COLUMN jkt TEXT;
