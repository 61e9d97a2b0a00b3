-- What one asks for is found by who asked for it; what is over is read page by page, the latest first.
CREATE INDEX approval_by_asker ON approval (asked_by, state, matter);
CREATE INDEX approval_by_time ON approval (asked_at, id);

-- How many accounts or sessions one administrator has dealt with in an hour by acts over many that nobody else has
-- looked at (domain/approval.rs): what is done bit by bit counts together.
CREATE TABLE done_alone (
    account_id TEXT NOT NULL REFERENCES account (id),
    -- 'unlock-many', 'reset-many', 'lock-many', 'demand-many', 'end-sessions-many'
    matter     TEXT NOT NULL,
    hour       BIGINT NOT NULL,
    number     BIGINT NOT NULL,
    PRIMARY KEY (account_id, matter, hour)
);
