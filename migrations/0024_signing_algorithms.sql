-- One key signs, and one is announced, for each algorithm: RS256 always, PS256, ES256 and EdDSA once an application asks.
DROP INDEX signing_key_that_signs;
DROP INDEX signing_key_announced;
CREATE UNIQUE INDEX signing_key_that_signs ON signing_key (algorithm) WHERE state = 'signing';
CREATE UNIQUE INDEX signing_key_announced ON signing_key (algorithm) WHERE state = 'announced';
