-- Two more second factors: a code by mail to another address than the city's, and certificates.

-- The other address of an account.
CREATE TABLE other_address (
    account_id   TEXT PRIMARY KEY REFERENCES account (id),
    address      TEXT NOT NULL,
    made_at      BIGINT NOT NULL,
    -- When a code that was sent there was typed; until then it proves nothing.
    confirmed_at BIGINT
);

-- The latest code that was sent, as a keyed digest; '' once it was taken.
CREATE TABLE mail_code (
    account_id TEXT PRIMARY KEY REFERENCES account (id),
    digest     TEXT NOT NULL,
    sent_at    BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    -- How many were sent since when.
    sent       BIGINT NOT NULL,
    since      BIGINT NOT NULL
);

-- Certificates, each bound to one account.
CREATE TABLE account_certificate (
    id           TEXT PRIMARY KEY,
    account_id   TEXT NOT NULL REFERENCES account (id),
    -- SHA-256 of its bytes (RFC 8705 §3.1).
    thumbprint   TEXT NOT NULL UNIQUE,
    subject      TEXT NOT NULL,
    issuer       TEXT NOT NULL,
    not_after    BIGINT NOT NULL,
    bound_at     BIGINT NOT NULL,
    last_used_at BIGINT
);
CREATE INDEX account_certificate_by_account ON account_certificate (account_id);
