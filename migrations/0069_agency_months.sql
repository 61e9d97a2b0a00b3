-- The figures of each agency at the end of a month (docs/console.md, Agencies), as its report of that month shows them:
-- of itself alone, and with every agency that lay below it then. The last run of the job on the month's last day counts.
CREATE TABLE agency_month (
    -- YYYY-MM
    month          TEXT NOT NULL,
    agency_id      TEXT NOT NULL REFERENCES agency (id),
    -- Whether the agencies below it are in it.
    is_branch      BOOLEAN NOT NULL,
    -- Later than the month, where the job did not run on its last day.
    taken_at       BIGINT NOT NULL,
    accounts       BIGINT NOT NULL,
    default_kept   BIGINT NOT NULL,
    fresh          BIGINT NOT NULL,
    second_factor  BIGINT NOT NULL,
    dormant        BIGINT NOT NULL,
    locked         BIGINT NOT NULL,
    unlocks        BIGINT NOT NULL,
    unlock_seconds BIGINT NOT NULL,
    conflicts      BIGINT NOT NULL,
    -- Its place among how many agencies of its sort; NULL without accounts.
    place          BIGINT,
    peers          BIGINT,
    PRIMARY KEY (month, agency_id, is_branch)
);
