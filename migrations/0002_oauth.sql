-- OAuth 2.0 and OpenID Connect: applications, what they were given, and the keys that sign.
-- Of every secret, code and token only a digest is stored.

CREATE TABLE client (
    id                        TEXT PRIMARY KEY,
    client_id                 TEXT NOT NULL UNIQUE,
    name                      TEXT NOT NULL,
    -- 'web', 'spa', 'native'
    kind                      TEXT NOT NULL,
    secret_digest             TEXT,
    -- One address per line.
    redirect_uris             TEXT NOT NULL,
    post_logout_redirect_uris TEXT NOT NULL,
    home                      TEXT,
    scopes                    TEXT NOT NULL,
    legacy                    BOOLEAN NOT NULL,
    id_token_claims           BOOLEAN NOT NULL,
    created_at                BIGINT NOT NULL,
    -- A removed application keeps its row: its client_id is never given again, and the grants name it.
    removed_at                BIGINT
);

-- An authorization request that waits for the person.
CREATE TABLE pending_request (
    -- Digest of the id that the browser carries.
    id             TEXT PRIMARY KEY,
    client_id      TEXT NOT NULL REFERENCES client (id),
    redirect_uri   TEXT NOT NULL,
    response_mode  TEXT NOT NULL,
    state          TEXT,
    scopes         TEXT NOT NULL,
    nonce          TEXT,
    code_challenge TEXT,
    prompt_login   BOOLEAN NOT NULL,
    max_age        BIGINT,
    login_hint     TEXT,
    ui_locales     TEXT,
    -- The subject that an ID token hint named.
    subject        TEXT,
    seen_session   TEXT,
    created_at     BIGINT NOT NULL,
    expires_at     BIGINT NOT NULL
);
CREATE INDEX pending_request_by_expiry ON pending_request (expires_at);

-- A grant: everything that grew out of one authorization code.
CREATE TABLE access_grant (
    id              TEXT PRIMARY KEY,
    client_id       TEXT NOT NULL REFERENCES client (id),
    account_id      TEXT NOT NULL REFERENCES account (id),
    session_id      TEXT NOT NULL,
    scopes          TEXT NOT NULL,
    nonce           TEXT,
    auth_time       BIGINT NOT NULL,
    redirect_uri    TEXT NOT NULL,
    code_challenge  TEXT,
    code_digest     TEXT NOT NULL UNIQUE,
    code_expires_at BIGINT NOT NULL,
    code_used_at    BIGINT,
    created_at      BIGINT NOT NULL,
    expires_at      BIGINT NOT NULL,
    ended_at        BIGINT,
    end_reason      TEXT
);
CREATE INDEX access_grant_by_account ON access_grant (account_id, client_id);
CREATE INDEX access_grant_by_session ON access_grant (session_id) WHERE ended_at IS NULL;
CREATE INDEX access_grant_by_client ON access_grant (client_id) WHERE ended_at IS NULL;
CREATE INDEX access_grant_by_expiry ON access_grant (expires_at);

-- Which applications an account has entered, for its holder; grants are forgotten long before.
CREATE TABLE application_use (
    account_id    TEXT NOT NULL REFERENCES account (id),
    client_id     TEXT NOT NULL REFERENCES client (id),
    first_used_at BIGINT NOT NULL,
    last_used_at  BIGINT NOT NULL,
    PRIMARY KEY (account_id, client_id)
);

CREATE TABLE token (
    id         TEXT PRIMARY KEY,
    grant_id   TEXT NOT NULL REFERENCES access_grant (id),
    -- 'access', 'refresh'
    kind       TEXT NOT NULL,
    digest     TEXT NOT NULL UNIQUE,
    -- What it opens: the grant's scopes, or fewer (RFC 6749 §6).
    scopes     TEXT NOT NULL,
    issued_at  BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    used_at    BIGINT,
    -- Given back by the application (RFC 7009).
    revoked_at BIGINT
);
CREATE INDEX token_by_grant ON token (grant_id);
CREATE INDEX token_by_expiry ON token (expires_at);

CREATE TABLE signing_key (
    -- RFC 7638 thumbprint.
    kid        TEXT PRIMARY KEY,
    algorithm  TEXT NOT NULL,
    -- The private part, sealed with the master key.
    sealed     BYTEA NOT NULL,
    -- 'announced', 'signing', 'retiring', 'gone'
    state      TEXT NOT NULL,
    made_at    BIGINT NOT NULL,
    changed_at BIGINT NOT NULL
);
-- At most one key signs, however many nodes start at once.
CREATE UNIQUE INDEX signing_key_that_signs ON signing_key (state) WHERE state = 'signing';
CREATE UNIQUE INDEX signing_key_announced ON signing_key (state) WHERE state = 'announced';
