-- What the audit is searched by. Lines are listed by their number, the newest first, so each index goes on with it.
CREATE INDEX audit_by_time ON audit (at, seq);
CREATE INDEX audit_by_subject ON audit (subject, seq);
CREATE INDEX audit_by_actor ON audit (actor, seq);
CREATE INDEX audit_by_act ON audit (act, seq);
CREATE INDEX audit_by_agency ON audit (agency_id, seq) WHERE agency_id IS NOT NULL;
CREATE INDEX audit_by_source ON audit (source, seq) WHERE source IS NOT NULL;

-- One row: lines up to this number are in the archive; the chain goes on from this hash.
CREATE TABLE audit_anchor (
    id          BIGINT PRIMARY KEY,
    seq         BIGINT NOT NULL,
    hash        BYTEA NOT NULL,
    archived_at BIGINT NOT NULL
);

-- One row: lines up to this number have been sent to the syslog server.
CREATE TABLE audit_stream (
    id  BIGINT PRIMARY KEY,
    seq BIGINT NOT NULL
);
