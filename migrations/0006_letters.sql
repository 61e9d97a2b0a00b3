-- The letters of the house: written here first, sent afterwards, shown in the portal for comparison.
CREATE TABLE letter (
    id              TEXT PRIMARY KEY,
    account_id      TEXT NOT NULL REFERENCES account (id),
    address         TEXT NOT NULL,
    kind            TEXT NOT NULL,
    -- Whom, which rule, which term, which occasion: none is written twice.
    occasion_key    TEXT NOT NULL UNIQUE,
    -- For letters about a term: what called for it, and when the term began (account.state_since).
    occasion        TEXT,
    term_start      BIGINT,
    subject         TEXT NOT NULL,
    body            TEXT NOT NULL,
    written_at      BIGINT NOT NULL,
    -- 'waiting', 'sent', 'failed', 'withdrawn'
    state           TEXT NOT NULL,
    attempts        BIGINT NOT NULL,
    -- Not before this moment.
    next_attempt_at BIGINT NOT NULL,
    last_error      TEXT,
    sent_at         BIGINT,
    -- Until when a node is at work on it.
    busy_until      BIGINT
);
CREATE INDEX letter_by_account ON letter (account_id, id);
CREATE INDEX letter_by_due ON letter (next_attempt_at) WHERE state = 'waiting';
CREATE INDEX letter_by_failure ON letter (id) WHERE state = 'failed';
CREATE INDEX letter_by_sending ON letter (sent_at) WHERE sent_at IS NOT NULL;
