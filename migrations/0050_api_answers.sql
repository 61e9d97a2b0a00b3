-- Answers to the writes of applications, each under its Idempotency-Key: the same request gets the same answer for a day.
CREATE TABLE api_answer (
    -- Digest of the application and its key.
    id       TEXT PRIMARY KEY,
    -- Digest of the request.
    request  TEXT NOT NULL,
    begun_at BIGINT NOT NULL,
    -- NULL while it is under way.
    status   BIGINT,
    body     TEXT,
    etag     TEXT
);
CREATE INDEX api_answer_by_age ON api_answer (begun_at);
