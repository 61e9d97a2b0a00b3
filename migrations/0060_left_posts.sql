-- Whoever has left holds no posts any more; from here on they end with the account.
DELETE FROM active_post WHERE account_id IN (SELECT a.id FROM account a WHERE a.state = 'retired');
UPDATE post SET ended_at = (SELECT a.state_since FROM account a WHERE a.id = post.account_id), ended_by = 'left'
WHERE ended_at IS NULL AND account_id IN (SELECT a.id FROM account a WHERE a.state = 'retired');
