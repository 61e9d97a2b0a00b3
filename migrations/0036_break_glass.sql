-- Codes in a sealed envelope that open the administration when nothing else does (services/break_glass.rs).

CREATE TABLE break_glass (
    id         TEXT PRIMARY KEY,
    -- Whose session it opens.
    account_id TEXT NOT NULL REFERENCES account (id),
    -- A keyed digest of the code.
    digest     TEXT NOT NULL UNIQUE,
    made_at    BIGINT NOT NULL,
    used_at    BIGINT,
    -- The session that it opened, and until when.
    session_id TEXT,
    until      BIGINT,
    revoked_at BIGINT
);
CREATE INDEX break_glass_by_session ON break_glass (session_id) WHERE session_id IS NOT NULL;
