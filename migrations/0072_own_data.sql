-- What was said of a person in access reviews is theirs to read (the portal's own data).
CREATE INDEX review_item_by_account ON review_item (account_id);
