-- The console's pages of numbers (docs/cost.md): what they count of 100,000 accounts stands in an index, or in one column.

-- The numbers of the overview and of the agencies, and who has a second factor.
DROP INDEX account_counts;
CREATE INDEX account_counts ON account (agency_id, state, state_reason, kind, state_since, id);
-- The terms that end, and the forecast of the letters about them: by agency.
DROP INDEX account_by_due_and_id;
CREATE INDEX account_by_due_and_id ON account (due_at, id, agency_id, state, state_since) WHERE due_at IS NOT NULL;
-- The forecast of the locks: by agency.
DROP INDEX account_by_lock;
CREATE INDEX account_by_lock ON account (lock_at, id, agency_id) WHERE lock_at IS NOT NULL;

-- Of the audit the few lines that the numbers of the agencies look for: the locks of an account and their lifting.
CREATE INDEX audit_of_locks ON audit (account_id, act, seq, at, before) WHERE act = 'locked' OR act = 'unlocked';

-- The open sessions are counted and narrowed in their index alone; those that ended long ago are found by another one.
DROP INDEX session_by_last_use;
CREATE INDEX session_by_last_use ON session (last_seen_at, id, account_id, door, expires_at, auth_time, source)
    WHERE ended_at IS NULL;
CREATE INDEX session_by_expiry ON session (expires_at);

-- When a holder's mailboxes were last used, as the directories last told; NULL: none tells. It follows from the mailboxes
-- and what is kept of their entries, and is written with them: asking both of everybody for one list took seconds.
ALTER TABLE account ADD COLUMN used_there BIGINT;
UPDATE account SET used_there = (SELECT MAX(e.used_at) FROM mailbox m JOIN directory_entry e ON e.system = m.system
                                 AND e.native_id = m.native_id WHERE m.account_id = account.id);
