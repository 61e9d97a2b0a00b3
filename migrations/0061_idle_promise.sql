-- Not before this moment is an account locked because nobody uses it: until then its holder has time, or was told so.
ALTER TABLE account ADD COLUMN idle_promised_until BIGINT;
