-- The regulation's clock: values and stages of the rules in versions, what was told to people, the brake.

-- When its holder first signed in here.
ALTER TABLE account ADD COLUMN first_access_at BIGINT;
-- When it was last used, here or in a directory.
ALTER TABLE account ADD COLUMN last_used_at BIGINT;
-- The end of the running term as its holder was told: it may move later, never earlier.
ALTER TABLE account ADD COLUMN promised_until BIGINT;
-- When it is to be locked if nothing happens; the lock job reads it by index. NULL where no rule is enforced.
ALTER TABLE account ADD COLUMN lock_at BIGINT;
CREATE INDEX account_by_lock ON account (lock_at, id) WHERE lock_at IS NOT NULL;
CREATE INDEX account_by_due_and_id ON account (due_at, id) WHERE due_at IS NOT NULL;
DROP INDEX account_by_due;

-- One row for each version of the policy; a version is complete and never changes.
CREATE TABLE policy_version (
    version    BIGINT PRIMARY KEY,
    changed_at BIGINT NOT NULL,
    -- '' is the house itself, at its first start.
    changed_by TEXT NOT NULL,
    why        TEXT NOT NULL
);

CREATE TABLE policy_value (
    version BIGINT NOT NULL REFERENCES policy_version (version),
    setting TEXT NOT NULL,
    value   BIGINT NOT NULL,
    PRIMARY KEY (version, setting)
);

CREATE TABLE policy_stage (
    version      BIGINT NOT NULL REFERENCES policy_version (version),
    rule         TEXT NOT NULL,
    -- '' is the whole city.
    agency_id    TEXT NOT NULL,
    -- YYYY-MM-DD, 'always', or NULL.
    warn_from    TEXT,
    enforce_from TEXT,
    PRIMARY KEY (version, rule, agency_id)
);

-- With which policy, which calendar and on which day the terms of all accounts were last computed.
CREATE TABLE terms_basis (
    id               BIGINT PRIMARY KEY,
    policy_version   BIGINT NOT NULL,
    calendar_version BIGINT NOT NULL,
    day              TEXT NOT NULL
);

-- A deadline as its holder was told, with everything that explains it.
CREATE TABLE told_deadline (
    account_id       TEXT NOT NULL REFERENCES account (id),
    told_at          BIGINT NOT NULL,
    -- 'page', 'letter', 'lock'
    told_by          TEXT NOT NULL,
    rule             TEXT NOT NULL,
    event            TEXT NOT NULL,
    start_day        TEXT NOT NULL,
    last_day         TEXT NOT NULL,
    policy_version   BIGINT NOT NULL,
    calendar_version BIGINT NOT NULL,
    -- One line a day: date, + or -, why, name in Vietnamese, name in English; tab-separated.
    days             TEXT NOT NULL,
    PRIMARY KEY (account_id, told_at)
);

-- A run of the lock job that the brake stopped.
CREATE TABLE lock_run (
    id         TEXT PRIMARY KEY,
    stopped_at BIGINT NOT NULL,
    -- Whoever was to be locked by then is covered by an approval.
    cutoff     BIGINT NOT NULL,
    accounts   BIGINT NOT NULL,
    -- Why it was stopped, in a line.
    reason     TEXT NOT NULL,
    -- 'held', 'approved', 'done', 'postponed', 'released'
    state      TEXT NOT NULL,
    ended_at   BIGINT,
    ended_by   TEXT,
    locked     BIGINT NOT NULL
);
CREATE UNIQUE INDEX lock_run_that_waits ON lock_run (state) WHERE state = 'held';
CREATE UNIQUE INDEX lock_run_approved ON lock_run (state) WHERE state = 'approved';

CREATE TABLE lock_run_approval (
    run_id      TEXT NOT NULL REFERENCES lock_run (id),
    approved_by TEXT NOT NULL,
    approved_at BIGINT NOT NULL,
    why         TEXT NOT NULL,
    PRIMARY KEY (run_id, approved_by)
);
