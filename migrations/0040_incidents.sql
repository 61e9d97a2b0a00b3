-- Where an account was signed in lately, ended sessions too.
CREATE INDEX session_by_account_and_start ON session (account_id, auth_time);

-- What staff report: an incident, a suspicious mail, a sign-in that was not theirs.
CREATE TABLE incident (
    id            TEXT PRIMARY KEY,
    -- SC-2026-0001: counted anew each year.
    year          BIGINT NOT NULL,
    number        BIGINT NOT NULL,
    -- 'incident', 'suspicious_mail', 'not_me'
    kind          TEXT NOT NULL,
    account_id    TEXT NOT NULL REFERENCES account (id),
    agency_id     TEXT REFERENCES agency (id),
    title         TEXT NOT NULL,
    story         TEXT NOT NULL,
    done          TEXT NOT NULL,
    occurred_at   BIGINT NOT NULL,
    detected_at   BIGINT NOT NULL,
    reported_at   BIGINT NOT NULL,
    -- What it was judged to be: which clocks run.
    is_incident   BOOLEAN NOT NULL,
    is_serious    BOOLEAN NOT NULL,
    personal_data BOOLEAN NOT NULL,
    closed_at     BIGINT,
    closed_by     TEXT,
    -- How it ended.
    report        TEXT,
    version       BIGINT NOT NULL,
    UNIQUE (year, number)
);
CREATE INDEX incident_by_account ON incident (account_id, id);
CREATE INDEX incident_by_agency ON incident (agency_id, id);
CREATE INDEX incident_open ON incident (id) WHERE closed_at IS NULL;

-- What was done about one, step by step; rows never change.
CREATE TABLE incident_step (
    id          TEXT PRIMARY KEY,
    incident_id TEXT NOT NULL REFERENCES incident (id),
    at          BIGINT NOT NULL,
    actor       TEXT NOT NULL,
    -- 'reported', 'noted', 'judged', 'notice_given', 'handed_on', 'closed'
    kind        TEXT NOT NULL,
    -- Which clock a notice stops.
    clock       TEXT,
    words       TEXT NOT NULL
);
CREATE INDEX incident_step_by_incident ON incident_step (incident_id, id);

-- The last number of each year.
CREATE TABLE incident_count (
    year BIGINT PRIMARY KEY,
    last BIGINT NOT NULL
);
