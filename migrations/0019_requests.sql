-- What an authorization request and a grant hold beyond the columns: one JSON text each (response type, prompt, acr,
-- claims), read as a whole and never searched.
ALTER TABLE pending_request ADD COLUMN details TEXT NOT NULL DEFAULT '{}';
-- Who has agreed to this very request.
ALTER TABLE pending_request ADD COLUMN agreed_by TEXT;
ALTER TABLE access_grant ADD COLUMN details TEXT NOT NULL DEFAULT '{}';

-- What a person has agreed that an application learns of them.
CREATE TABLE consent (
    account_id TEXT NOT NULL REFERENCES account (id),
    client_id  TEXT NOT NULL REFERENCES client (id),
    scopes     TEXT NOT NULL,
    -- Single claims beyond the scopes, with spaces between.
    claims     TEXT NOT NULL,
    given_at   BIGINT NOT NULL,
    PRIMARY KEY (account_id, client_id)
);
