-- How many conflicts of the two directories concern each agency, as of the end of a run of the synchronisation
-- (docs/console.md, Agencies). Written anew as a whole.
CREATE TABLE conflict_count (
    agency_id TEXT PRIMARY KEY REFERENCES agency (id),
    number    BIGINT NOT NULL
);

-- One row: as of when they were counted.
CREATE TABLE conflict_counted (
    id         BIGINT PRIMARY KEY,
    counted_at BIGINT NOT NULL
);
