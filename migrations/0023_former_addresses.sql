-- Main addresses that accounts had before: a person who gets another one still signs in with the one they know. Whoever
-- holds the address now, as a main or a further one, goes before.
CREATE TABLE former_address (
    address    TEXT PRIMARY KEY,
    account_id TEXT NOT NULL REFERENCES account (id),
    -- Until when it was the main one.
    until      BIGINT NOT NULL
);
CREATE INDEX former_address_by_account ON former_address (account_id);
