-- The calendar of working days as data: what a day is, by which notice, who entered and who confirmed it.

CREATE TABLE calendar_day (
    -- YYYY-MM-DD.
    date          TEXT NOT NULL,
    -- Whose day it is; '' is the whole city.
    agency_id     TEXT NOT NULL,
    -- 'holiday', 'in_lieu', 'swapped_off', 'make_up'
    kind          TEXT NOT NULL,
    vi            TEXT NOT NULL,
    en            TEXT NOT NULL,
    notice_number TEXT,
    notice_date   TEXT,
    -- 'confirmed', 'undecided': an undecided day counts in the user's favour.
    state         TEXT NOT NULL,
    -- '' is the house itself, which filled the table at its first start.
    entered_by    TEXT NOT NULL,
    entered_at    BIGINT NOT NULL,
    confirmed_by  TEXT,
    confirmed_at  BIGINT,
    PRIMARY KEY (agency_id, date)
);

-- One row: every change counts it up, so that each node sees when its copy is old.
CREATE TABLE calendar_version (
    id      BIGINT PRIMARY KEY,
    version BIGINT NOT NULL
);
