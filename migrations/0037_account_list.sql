-- The list of accounts (docs/console.md): in the order of given names, narrowed and searched in one index alone.

-- How a name is sorted (domain/name.rs `sorting_key`); empty until the house fills it at its next start.
ALTER TABLE account ADD COLUMN name_key BYTEA NOT NULL DEFAULT '';
-- Which mail systems hold it: 1 Exchange, 2 OBM, 3 both, 0 none.
ALTER TABLE account ADD COLUMN systems BIGINT NOT NULL DEFAULT 0;
UPDATE account SET systems = (SELECT CAST(COALESCE(SUM(CASE system WHEN 'ad' THEN 1 ELSE 2 END), 0) AS BIGINT)
                              FROM mailbox WHERE mailbox.account_id = account.id);
-- What an index holds must end.
UPDATE account SET search_key = substr(search_key, 1, 500) WHERE length(search_key) > 500;

-- Everything by which the list is narrowed: a search reads this index and, of the table, only the rows that it shows.
CREATE INDEX account_list ON account (name_key, id, search_key, agency_id, state, state_reason, kind, systems, due_at,
                                      state_since);
-- The numbers of the dashboard.
CREATE INDEX account_counts ON account (agency_id, state, state_reason);
