-- Who entered a day, and who asks to take it off the list, by account: an address may come to be another one, and whoever
-- has a new one is no second person. NULL: the house, the command line, or nobody whom an address of then still names.
ALTER TABLE calendar_day ADD COLUMN entered_id TEXT;
ALTER TABLE calendar_day ADD COLUMN struck_id TEXT;
UPDATE calendar_day SET entered_id = COALESCE(
    (SELECT a.id FROM account a WHERE a.address = calendar_day.entered_by),
    (SELECT f.account_id FROM former_address f WHERE f.address = calendar_day.entered_by));
UPDATE calendar_day SET struck_id = COALESCE(
    (SELECT a.id FROM account a WHERE a.address = calendar_day.struck_by),
    (SELECT f.account_id FROM former_address f WHERE f.address = calendar_day.struck_by));
