-- What one administrator wants to do and a second one must approve first (domain/approval.rs).

CREATE TABLE approval (
    id         TEXT PRIMARY KEY,
    -- 'grant-role', 'change-rules', 'rotate-keys', 'unlock-many', 'reset-many', 'lock-many'
    matter     TEXT NOT NULL,
    -- What exactly is approved; only the very same may be done.
    content    TEXT NOT NULL,
    -- The same in words, line by line, for whoever approves.
    preview    TEXT NOT NULL,
    -- The form that whoever asked sends again: its path, and its fields as they were typed.
    path       TEXT NOT NULL,
    form       TEXT NOT NULL,
    asked_by   TEXT NOT NULL REFERENCES account (id),
    asked_at   BIGINT NOT NULL,
    why        TEXT NOT NULL,
    expires_at BIGINT NOT NULL,
    -- 'waiting', 'approved', 'refused', 'withdrawn', 'done'
    state      TEXT NOT NULL,
    decided_by TEXT REFERENCES account (id),
    decided_at BIGINT,
    decided_why TEXT
);
CREATE INDEX approval_open ON approval (asked_at) WHERE state IN ('waiting', 'approved');
