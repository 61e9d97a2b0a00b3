-- What administrators decided about the directories, and the synchronisation plans by.

-- One row: how often what the plan goes by was changed, and up to which change a run has planned everybody by it.
CREATE TABLE plan_basis (
    id      BIGINT PRIMARY KEY,
    version BIGINT NOT NULL,
    applied BIGINT NOT NULL
);
INSERT INTO plan_basis (id, version, applied) VALUES (1, 0, 0);

-- Which directory has the word on what, in complete versions that never change; none: the built-in table.
CREATE TABLE authority_version (
    version    BIGINT PRIMARY KEY,
    -- 'name=ad title=ad … aliases=both address=ad'.
    rules      TEXT NOT NULL,
    changed_at BIGINT NOT NULL,
    changed_by TEXT NOT NULL,
    why        TEXT NOT NULL
);

-- Whose mailbox is whose, and what is known and not to be shown again: rows that never change; a later row takes back.
CREATE TABLE match_decision (
    id         TEXT PRIMARY KEY,
    -- 'one_person', 'two_persons', 'known', 'undo'.
    verdict    TEXT NOT NULL,
    -- The id of the finding that it settles, and whom that concerns, in words.
    finding    TEXT NOT NULL,
    subject    TEXT NOT NULL,
    system     TEXT,
    native_id  TEXT,
    account_id TEXT,
    -- Whose the mailbox was when that was decided.
    former_id  TEXT,
    undoes     TEXT UNIQUE,
    decided_at BIGINT NOT NULL,
    decided_by TEXT NOT NULL,
    why        TEXT NOT NULL
);

-- Which agency a text of a directory means: rows that never change, the latest on a text counts.
CREATE TABLE agency_mapping (
    id        TEXT PRIMARY KEY,
    system    TEXT NOT NULL,
    -- The code that the directory has for it, else the name without marks and case.
    source    TEXT NOT NULL,
    -- NULL: as if nobody had decided.
    agency_id TEXT REFERENCES agency (id),
    mapped_at BIGINT NOT NULL,
    mapped_by TEXT NOT NULL,
    why       TEXT NOT NULL
);
