-- The open sessions in the console (docs/console.md): the last used first. Whoever was not used for too long is below
-- the part of the index that is read.
CREATE INDEX session_by_last_use ON session (last_seen_at, id) WHERE ended_at IS NULL;

-- The audit by agency and act together: an act that is rare there is found, or not, without reading the agency's lines.
CREATE INDEX audit_by_agency_and_act ON audit (agency_id, act, seq) WHERE agency_id IS NOT NULL;
