-- Whoever signs in again in the same browser has another session; the one before goes on for the applications that were
-- entered out of it, and ends with the later one. Which one that is; NULL for a session that is in use by itself.
ALTER TABLE session ADD COLUMN succeeded_by TEXT;
CREATE INDEX session_by_successor ON session (succeeded_by) WHERE succeeded_by IS NOT NULL;
-- The open sessions are counted without those, in their index alone.
DROP INDEX session_by_last_use;
CREATE INDEX session_by_last_use ON session (last_seen_at, id, account_id, door, expires_at, succeeded_by, source)
    WHERE ended_at IS NULL;
