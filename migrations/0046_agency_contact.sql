-- Whom the staff of an agency ask, where it is not the city's own unit: shown to those who are locked out.
CREATE TABLE agency_contact (
    agency_id  TEXT PRIMARY KEY REFERENCES agency (id),
    unit       TEXT NOT NULL,
    phone      TEXT NOT NULL,
    hours      TEXT NOT NULL,
    changed_at BIGINT NOT NULL,
    changed_by TEXT NOT NULL
);
