-- Roles over the city or a branch of the agencies (domain/admin).

ALTER TABLE agency ADD COLUMN parent_id TEXT REFERENCES agency (id);

-- Each agency with itself and everything below it. UNION ends even on a circle, which no use case makes.
CREATE VIEW agency_branch AS
WITH RECURSIVE branch (root_id, agency_id) AS (
    SELECT id, id FROM agency
    UNION
    SELECT branch.root_id, agency.id FROM branch JOIN agency ON agency.parent_id = branch.agency_id
)
SELECT root_id, agency_id FROM branch;

CREATE TABLE role_grant (
    id         TEXT PRIMARY KEY,
    account_id TEXT NOT NULL REFERENCES account (id),
    role       TEXT NOT NULL,
    -- The agency at the root of the branch. NULL: the whole city.
    agency_id  TEXT REFERENCES agency (id),
    granted_at BIGINT NOT NULL,
    -- An address, 'command_line', or empty for one from before grants were kept.
    granted_by TEXT NOT NULL,
    why        TEXT NOT NULL,
    -- When it ends by itself, if it does.
    ends_at    BIGINT,
    -- When it ended, and how: 'revoked', 'expired', 'left', 'replaced'.
    ended_at   BIGINT,
    end_reason TEXT
);
-- One role for each reach.
CREATE UNIQUE INDEX role_grant_by_reach ON role_grant (account_id, COALESCE(agency_id, '')) WHERE ended_at IS NULL;
CREATE INDEX role_grant_open ON role_grant (ends_at) WHERE ended_at IS NULL;

INSERT INTO role_grant (id, account_id, role, agency_id, granted_at, granted_by, why)
SELECT account_id, account_id, CASE WHEN agency_id IS NULL THEN 'city' ELSE 'agency' END, agency_id, granted_at, '', ''
FROM administrator;

DROP TABLE administrator;
