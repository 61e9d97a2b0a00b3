-- What a run of the synchronisation planned: kept line by line before anything is applied.
CREATE TABLE sync_plan (
    run_id      TEXT PRIMARY KEY REFERENCES sync_run (id),
    made_at     BIGINT NOT NULL,
    -- The directories that were read, in the order of their codes: 'ad', 'obm', 'ad obm'.
    directories TEXT NOT NULL,
    -- 'planned' (only looked at), 'applied'; 'held', 'approved', 'refused' (one at most of these three);
    -- 'used' (its approval), 'released' (within the limits again), 'replaced' (by a larger one), 'repeats' (another)
    state       TEXT NOT NULL,
    -- Which limits it exceeded: 'vanish 10/20; lock 8/20'.
    excess      TEXT NOT NULL,
    -- The held run of which it is a repetition, or whose approval it used.
    other_run   TEXT,
    decided_by  TEXT,
    decided_at  BIGINT,
    decided_why TEXT,
    -- How many lines there were, and how many were kept.
    total       BIGINT NOT NULL,
    kept        BIGINT NOT NULL
);
CREATE INDEX sync_plan_waiting ON sync_plan (state, made_at) WHERE state IN ('held', 'approved', 'refused');

CREATE TABLE sync_plan_count (
    run_id TEXT NOT NULL REFERENCES sync_plan (run_id),
    kind   TEXT NOT NULL,
    number BIGINT NOT NULL,
    PRIMARY KEY (run_id, kind)
);

CREATE TABLE sync_plan_line (
    run_id     TEXT NOT NULL REFERENCES sync_plan (run_id),
    number     BIGINT NOT NULL,
    kind       TEXT NOT NULL,
    account_id TEXT,
    -- Codes of agencies: an agency that is new has no id yet.
    agency     TEXT,
    agency_to  TEXT,
    system     TEXT,
    subject    TEXT NOT NULL,
    name       TEXT NOT NULL,
    -- JSON: [[field, before, after], …].
    changes    TEXT NOT NULL,
    PRIMARY KEY (run_id, number)
);
CREATE INDEX sync_plan_line_by_kind ON sync_plan_line (run_id, kind, number);
