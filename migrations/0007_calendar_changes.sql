-- Changes of the calendar by two people: why a day was entered, and who asks to take it off the list.

-- Why it was entered, in the words of whoever did.
ALTER TABLE calendar_day ADD COLUMN entered_why TEXT;
-- Whether it stands where somebody else had listed a day: then it is not simply taken back.
ALTER TABLE calendar_day ADD COLUMN replaces BOOLEAN NOT NULL DEFAULT FALSE;
-- Who asked to take it off the list, when and why. Nothing changes until a second person agrees.
ALTER TABLE calendar_day ADD COLUMN struck_by TEXT;
ALTER TABLE calendar_day ADD COLUMN struck_at BIGINT;
ALTER TABLE calendar_day ADD COLUMN strike_why TEXT;
