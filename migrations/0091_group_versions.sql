-- Groups are kept in the console: of two administrators at once the second one looks again.
ALTER TABLE staff_group ADD COLUMN version BIGINT NOT NULL DEFAULT 1;
