-- Client assertions that were used (RFC 7523 §3, jti): each is good once. Forgotten when they have expired.
CREATE TABLE used_assertion (
    -- Digest of the client_id and the jti.
    id         TEXT PRIMARY KEY,
    expires_at BIGINT NOT NULL
);
CREATE INDEX used_assertion_by_expiry ON used_assertion (expires_at);
