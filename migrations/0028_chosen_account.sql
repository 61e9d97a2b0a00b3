-- The session that the person has chosen for this very request, where a browser holds several.
ALTER TABLE pending_request ADD COLUMN chosen_session TEXT;
