-- Who has acknowledged the rules in short, which version, when; rows never change.
CREATE TABLE rules_acknowledgement (
    account_id TEXT NOT NULL REFERENCES account (id),
    version    TEXT NOT NULL,
    at         BIGINT NOT NULL,
    PRIMARY KEY (account_id, at)
);
CREATE INDEX rules_acknowledgement_by_version ON rules_acknowledgement (version, at);
