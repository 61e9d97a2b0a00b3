-- What an access review has withdrawn is carried out in the background, item by item (docs/console.md).
-- Whoever says something of an item says it of this version: what somebody else has said meanwhile is not overwritten.
ALTER TABLE review_item ADD COLUMN version BIGINT NOT NULL DEFAULT 0;
-- The account of whoever has confirmed that it is carried out, and when; NULL: nobody has, or it is done.
ALTER TABLE review_item ADD COLUMN ordered_by TEXT;
ALTER TABLE review_item ADD COLUMN ordered_at BIGINT;
-- Why it still waits after somebody tried: 'oneself', 'last', 'of_an_administrator', 'no_right'. Somebody else may do it.
ALTER TABLE review_item ADD COLUMN obstacle TEXT;
CREATE INDEX review_item_ordered ON review_item (ordered_at) WHERE ordered_by IS NOT NULL;
