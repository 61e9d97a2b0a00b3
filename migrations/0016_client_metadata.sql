-- What an application registered beyond the columns: one JSON text with the members of RFC 7591 §2 and of
-- OIDC Registration §2, read as a whole with the application and never searched.
ALTER TABLE client ADD COLUMN metadata TEXT NOT NULL DEFAULT '{}';
