-- Holders are told before a certificate ends: how many days before it they were told the last time. NULL: not yet.
ALTER TABLE account_certificate ADD COLUMN told_before BIGINT;
CREATE INDEX account_certificate_by_end ON account_certificate (not_after);
