-- Access reviews (docs/console.md): of each account, role and delegation whoever administers its agency says in each
-- half-year whether it is still needed.
CREATE TABLE review (
    id        TEXT PRIMARY KEY,
    -- '2026-H2'; of each half-year one.
    half      TEXT NOT NULL UNIQUE,
    opened_at BIGINT NOT NULL,
    -- An address, or empty: the house by itself.
    opened_by TEXT NOT NULL,
    -- The last local day, YYYY-MM-DD.
    due_on    TEXT NOT NULL,
    closed_at BIGINT,
    closed_by TEXT
);

-- What there was when it was opened, and what came of it; rows never go.
CREATE TABLE review_item (
    review_id  TEXT NOT NULL REFERENCES review (id),
    -- 'account', 'role' or 'delegation', and its id
    kind       TEXT NOT NULL,
    ref        TEXT NOT NULL,
    -- Whose: of a delegation the person who may act.
    account_id TEXT NOT NULL REFERENCES account (id),
    -- The agency whose administrators say it; empty: those of the city.
    agency_id  TEXT NOT NULL,
    address    TEXT NOT NULL,
    name       TEXT NOT NULL,
    -- The kind of account; the role and over what; the mailbox.
    what       TEXT NOT NULL,
    -- NULL: not yet. 'keep', 'withdraw', 'transfer'
    verdict    TEXT,
    why        TEXT,
    decided_by TEXT,
    decided_at BIGINT,
    -- Of what is withdrawn. NULL: not yet. 'done', 'gone' (it was not there any more), 'refused'
    outcome    TEXT,
    PRIMARY KEY (review_id, kind, ref)
);
CREATE INDEX review_item_by_address ON review_item (review_id, address, kind, ref);
CREATE INDEX review_item_by_agency ON review_item (review_id, agency_id, verdict);
