-- The help desk's tables (docs/console.md).

-- Many accounts at once: what is to be done is written down account by account before it is confirmed.

CREATE TABLE bulk_job (
    id          TEXT PRIMARY KEY,
    -- 'lock', 'unlock' or 'demand_change'
    act         TEXT NOT NULL,
    asked_by    TEXT NOT NULL REFERENCES account (id),
    -- The address of whoever asked, for the audit.
    asked_as    TEXT NOT NULL,
    -- The agency at the root of the branch that they reached; NULL: the whole city.
    agency_id   TEXT REFERENCES agency (id),
    -- What the list was narrowed to, in few words.
    described   TEXT NOT NULL,
    why         TEXT,
    -- 'draft', 'running', 'done', 'undoing', 'undone'
    state       TEXT NOT NULL,
    total       BIGINT NOT NULL,
    created_at  BIGINT NOT NULL,
    started_at  BIGINT,
    finished_at BIGINT
);
CREATE INDEX bulk_job_by_state ON bulk_job (state, created_at);

CREATE TABLE bulk_item (
    job_id        TEXT NOT NULL REFERENCES bulk_job (id),
    account_id    TEXT NOT NULL REFERENCES account (id),
    -- As it was looked at; and as the job left it.
    version       BIGINT NOT NULL,
    after_version BIGINT,
    -- NULL: not done yet. 'done', 'changed' (somebody else was there since), 'undone', 'kept' (changed before the undoing)
    outcome       TEXT,
    -- The state before, so that it can be taken back.
    before_state  TEXT,
    before_since  BIGINT,
    before_reason TEXT,
    before_due    BIGINT,
    PRIMARY KEY (job_id, account_id)
);
CREATE INDEX bulk_item_by_outcome ON bulk_item (job_id, outcome, account_id);

-- What administrators write down about an account.
CREATE TABLE account_note (
    id         TEXT PRIMARY KEY,
    account_id TEXT NOT NULL REFERENCES account (id),
    written_at BIGINT NOT NULL,
    -- The name and the address of whoever wrote it, as they were then.
    author     TEXT NOT NULL,
    address    TEXT NOT NULL,
    text       TEXT NOT NULL
);
CREATE INDEX account_note_by_account ON account_note (account_id, written_at);

-- How often things happen, hour by hour, counted as the audit is written: the dashboard reads this, not the audit.
CREATE TABLE hour_count (
    -- The beginning of the hour.
    hour      BIGINT NOT NULL,
    act       TEXT NOT NULL,
    -- Of whose account; '' where the account is of no agency.
    agency_id TEXT NOT NULL,
    number    BIGINT NOT NULL,
    PRIMARY KEY (hour, act, agency_id)
);
