-- Devices that wait for a person who signs in elsewhere (RFC 8628). The grant that comes of an approval has the digest
-- of `id` as its code, so that tokens grow out of it like out of any other.
CREATE TABLE device_code (
    -- Digest of the device_code.
    id              TEXT PRIMARY KEY,
    -- Keyed digest of the user_code: eight letters are too few for a plain one.
    user_code       TEXT NOT NULL UNIQUE,
    client_id       TEXT NOT NULL REFERENCES client (id),
    scopes          TEXT NOT NULL,
    -- 'waiting', 'approved', 'refused'
    state           TEXT NOT NULL,
    -- How many seconds the device waits between two questions; grows when it does not.
    pause_seconds   BIGINT NOT NULL,
    asked_at        BIGINT,
    created_at      BIGINT NOT NULL,
    expires_at      BIGINT NOT NULL
);
CREATE INDEX device_code_by_expiry ON device_code (expires_at);
