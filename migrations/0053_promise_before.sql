-- Until when the account was promised to stay open, as it was before an act over many; undoing gives it back.
ALTER TABLE bulk_item ADD COLUMN before_promised BIGINT;
