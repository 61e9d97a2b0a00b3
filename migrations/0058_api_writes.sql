-- Which application a write is of, so that its writes within a day can be counted; older rows do not say.
ALTER TABLE api_answer ADD COLUMN client_id TEXT;
CREATE INDEX api_answer_by_client ON api_answer (client_id, begun_at);
