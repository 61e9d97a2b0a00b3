-- The house's tables, in the dialect that SQLite and PostgreSQL share (docs/database.md).
-- Ids are UUIDv7 as text; time is BIGINT, microseconds since the Unix epoch.

CREATE TABLE agency (
    id         TEXT PRIMARY KEY,
    code       TEXT NOT NULL UNIQUE,
    name       TEXT NOT NULL,
    search_key TEXT NOT NULL
);

CREATE TABLE account (
    id              TEXT PRIMARY KEY,
    subject         TEXT NOT NULL UNIQUE,
    address         TEXT NOT NULL UNIQUE,
    kind            TEXT NOT NULL,
    display_name    TEXT NOT NULL,
    title           TEXT,
    staff_number    TEXT,
    agency_id       TEXT REFERENCES agency (id),
    search_key      TEXT NOT NULL,
    state           TEXT NOT NULL,
    -- Active: when the password was set. Must change: since when. Locked, retired: since when.
    state_since     BIGINT NOT NULL,
    -- Why a change is demanded, or why it is locked.
    state_reason    TEXT,
    -- When the running term ends; the lock job reads it by index. NULL where none runs.
    due_at          BIGINT,
    version         BIGINT NOT NULL,
    created_at      BIGINT NOT NULL
);
CREATE INDEX account_by_due ON account (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX account_by_state ON account (state, address);
CREATE INDEX account_by_agency ON account (agency_id, address);

CREATE TABLE alias (
    address    TEXT PRIMARY KEY,
    account_id TEXT NOT NULL REFERENCES account (id)
);
CREATE INDEX alias_by_account ON alias (account_id);

CREATE TABLE mailbox (
    id              TEXT PRIMARY KEY,
    account_id      TEXT NOT NULL REFERENCES account (id),
    system          TEXT NOT NULL,
    native_id       TEXT NOT NULL,
    login           TEXT NOT NULL,
    address         TEXT NOT NULL,
    enabled         BOOLEAN NOT NULL,
    must_change     BOOLEAN NOT NULL,
    password_set_at BIGINT,
    password_lags   BOOLEAN NOT NULL,
    UNIQUE (system, native_id),
    UNIQUE (account_id, system)
);

CREATE TABLE administrator (
    account_id TEXT PRIMARY KEY REFERENCES account (id),
    -- NULL: the whole city.
    agency_id  TEXT REFERENCES agency (id),
    granted_at BIGINT NOT NULL
);

-- What the cookie points to: a browser, signed in or not.
CREATE TABLE browser (
    id         TEXT PRIMARY KEY,
    data       TEXT NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE INDEX browser_by_expiry ON browser (expires_at);

CREATE TABLE session (
    id           TEXT PRIMARY KEY,
    account_id   TEXT NOT NULL REFERENCES account (id),
    door         TEXT NOT NULL,
    auth_time    BIGINT NOT NULL,
    last_seen_at BIGINT NOT NULL,
    expires_at   BIGINT NOT NULL,
    ended_at     BIGINT,
    end_reason   TEXT,
    source       TEXT NOT NULL,
    user_agent   TEXT NOT NULL
);
CREATE INDEX session_by_account ON session (account_id) WHERE ended_at IS NULL;

CREATE TABLE throttle (
    id            TEXT PRIMARY KEY,
    failures      BIGINT NOT NULL,
    since         BIGINT NOT NULL,
    blocked_until BIGINT
);

CREATE TABLE sync_run (
    id          TEXT PRIMARY KEY,
    started_at  BIGINT NOT NULL,
    finished_at BIGINT,
    -- 'schedule', 'command_line' or an administrator's address.
    started_by  TEXT NOT NULL,
    -- 'running', 'done', 'partial' (one directory was not read), 'held', 'failed'
    outcome     TEXT NOT NULL,
    -- JSON: per directory what was read, left out, or went wrong.
    report      TEXT NOT NULL,
    created     BIGINT NOT NULL,
    updated     BIGINT NOT NULL,
    vanished    BIGINT NOT NULL,
    progress    BIGINT NOT NULL
);
CREATE INDEX sync_run_by_start ON sync_run (started_at);

CREATE TABLE lease (
    job    TEXT PRIMARY KEY,
    holder TEXT NOT NULL,
    until  BIGINT NOT NULL
);

CREATE TABLE audit (
    seq        BIGINT PRIMARY KEY,
    at         BIGINT NOT NULL,
    actor_kind TEXT NOT NULL,
    actor      TEXT NOT NULL,
    act        TEXT NOT NULL,
    account_id TEXT,
    subject    TEXT NOT NULL,
    agency_id  TEXT,
    before     TEXT,
    after      TEXT,
    why        TEXT,
    source     TEXT,
    hash       BYTEA NOT NULL
);
CREATE INDEX audit_by_account ON audit (account_id, seq);

-- One row: the end of the chain. Updating it puts the writers in line.
CREATE TABLE audit_head (
    id   BIGINT PRIMARY KEY,
    seq  BIGINT NOT NULL,
    hash BYTEA NOT NULL
);
