-- The applications in the console.

-- Since when the city has stopped it; NULL: it runs.
ALTER TABLE client ADD COLUMN disabled_at BIGINT;
-- Grows with every change, so that nobody writes over what somebody else has changed.
ALTER TABLE client ADD COLUMN version BIGINT NOT NULL DEFAULT 0;

-- How often each application was entered on a day, by agency: counted when it is let in.
CREATE TABLE client_day (
    -- The Julian day number.
    day       BIGINT NOT NULL,
    client_id TEXT NOT NULL REFERENCES client (id),
    -- Of whose account; '' where the account is of no agency.
    agency_id TEXT NOT NULL,
    number    BIGINT NOT NULL,
    PRIMARY KEY (day, client_id, agency_id)
);

-- Who uses an application, the last ones first.
CREATE INDEX application_use_by_client ON application_use (client_id, last_used_at);

-- Why an application gets what a scope gives, which agency answers for that, and who of the city confirmed it last.
CREATE TABLE client_purpose (
    client_id   TEXT NOT NULL REFERENCES client (id),
    scope       TEXT NOT NULL,
    purpose     TEXT NOT NULL,
    agency      TEXT NOT NULL,
    reviewed_at BIGINT NOT NULL,
    reviewed_by TEXT NOT NULL,
    PRIMARY KEY (client_id, scope)
);
