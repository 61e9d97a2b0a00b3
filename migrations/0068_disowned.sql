-- Since when a password alone opens nothing, because its holder has said that somebody else knows it (docs/portal.md). It
-- outlives the state that the account was in then: a lock that is lifted meanwhile makes the password no better. NULL:
-- nobody has said so, or the password is another one since.
ALTER TABLE account ADD COLUMN disowned_at BIGINT;
UPDATE account SET disowned_at = state_since WHERE state = 'must_change' AND state_reason = 'not_me';
-- Whoever has signed in since then may have had nothing but that password.
UPDATE session SET ended_at = auth_time, end_reason = 'ended_by_owner' WHERE ended_at IS NULL AND EXISTS
    (SELECT 1 FROM account a WHERE a.id = session.account_id AND a.disowned_at < session.auth_time);
