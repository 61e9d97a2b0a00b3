-- Agencies that are renamed, merged or split on a day (docs/console.md).

-- An agency that was merged into another one stays as a row, below that one, for the audit and for the way back.
ALTER TABLE agency ADD COLUMN merged_into TEXT REFERENCES agency (id);

CREATE TABLE reorganisation (
    id            TEXT PRIMARY KEY,
    -- 'rename', 'merge' or 'split'
    kind          TEXT NOT NULL,
    asked_by      TEXT NOT NULL REFERENCES account (id),
    -- The address of whoever asked, for the audit.
    asked_as      TEXT NOT NULL,
    -- The agency that is renamed, merged into, or made; one that is to be made is not there yet.
    target_id     TEXT NOT NULL,
    -- What it is called afterwards.
    code          TEXT NOT NULL,
    name          TEXT NOT NULL,
    -- Whether roles over an agency that is merged are held over the other one from then on; else they end.
    carries_roles BOOLEAN NOT NULL,
    -- The local day on which it takes effect, YYYY-MM-DD; for how many days applications are told the old code.
    day           TEXT NOT NULL,
    former_days   BIGINT NOT NULL,
    -- 'draft', 'planned', 'running', 'done', 'undoing', 'undone', 'withdrawn', 'stopped'
    stage         TEXT NOT NULL,
    why           TEXT,
    created_at    BIGINT NOT NULL,
    started_at    BIGINT,
    -- Until when applications are told the old code.
    former_until  BIGINT,
    finished_at   BIGINT
);
CREATE INDEX reorganisation_by_stage ON reorganisation (stage, day);

-- The agencies that give something up, as they were before.
CREATE TABLE reorganisation_agency (
    reorganisation_id TEXT NOT NULL REFERENCES reorganisation (id),
    agency_id         TEXT NOT NULL REFERENCES agency (id),
    code              TEXT NOT NULL,
    name              TEXT NOT NULL,
    parent_id         TEXT,
    PRIMARY KEY (reorganisation_id, agency_id)
);

-- Whom it concerns, account by account.
CREATE TABLE reorganisation_item (
    reorganisation_id TEXT NOT NULL REFERENCES reorganisation (id),
    account_id        TEXT NOT NULL REFERENCES account (id),
    from_id           TEXT NOT NULL REFERENCES agency (id),
    -- NULL: not yet. 'done', 'changed' (it was of another agency by then), 'undone', 'kept' (it was moved on since)
    outcome           TEXT,
    PRIMARY KEY (reorganisation_id, account_id)
);
CREATE INDEX reorganisation_item_by_outcome ON reorganisation_item (reorganisation_id, outcome, account_id);
CREATE INDEX reorganisation_item_by_account ON reorganisation_item (account_id);

-- What else was changed with it, for the way back.
CREATE TABLE reorganisation_part (
    reorganisation_id TEXT NOT NULL REFERENCES reorganisation (id),
    -- 'grant' (a role) or 'below' (an agency below)
    kind              TEXT NOT NULL,
    ref               TEXT NOT NULL,
    -- The agency before.
    before_id         TEXT NOT NULL,
    -- The one since; NULL: none, the role ended.
    after_id          TEXT,
    PRIMARY KEY (reorganisation_id, kind, ref)
);

-- What agencies were called before: the directories may say so for a while, and applications are told.
CREATE TABLE agency_former (
    reorganisation_id TEXT NOT NULL REFERENCES reorganisation (id),
    agency_id         TEXT NOT NULL REFERENCES agency (id),
    code              TEXT NOT NULL,
    name              TEXT NOT NULL,
    since             BIGINT NOT NULL,
    -- Until when applications are told.
    until             BIGINT NOT NULL,
    PRIMARY KEY (reorganisation_id, agency_id)
);
