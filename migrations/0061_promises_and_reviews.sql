-- Not before this moment is an account locked because nobody uses it: until then its holder has time, or was told so.
ALTER TABLE account ADD COLUMN idle_promised_until BIGINT;

-- What an access review asks of an agency whose it is not is passed on, and waits there: when, by whom, why.
ALTER TABLE review_item ADD COLUMN passed_at BIGINT;
ALTER TABLE review_item ADD COLUMN passed_by TEXT;
ALTER TABLE review_item ADD COLUMN passed_why TEXT;
-- What was only noted down as belonging elsewhere waits for the city's administrators.
UPDATE review_item SET passed_at = decided_at, passed_by = decided_by, passed_why = why, agency_id = '', verdict = NULL,
why = NULL, decided_by = NULL, decided_at = NULL
WHERE verdict = 'transfer' AND review_id IN (SELECT r.id FROM review r WHERE r.closed_at IS NULL);
