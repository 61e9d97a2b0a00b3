-- The letters of two years are counted by state, of everybody or of a branch, and forgotten by age, without reading them.
-- The condition holds for every letter: only what names it is answered from here, and whoever looks for the few that wait
-- or failed keeps to the indexes of those.
CREATE INDEX letter_by_state ON letter (state, account_id) WHERE state <> '';
CREATE INDEX letter_by_writing ON letter (written_at);
