-- Groups that the house makes itself: whom an application is for, besides agencies.
CREATE TABLE staff_group (
    code    TEXT PRIMARY KEY,
    name    TEXT NOT NULL,
    made_at BIGINT NOT NULL
);
CREATE TABLE staff_group_member (
    group_code TEXT NOT NULL REFERENCES staff_group (code),
    account_id TEXT NOT NULL REFERENCES account (id),
    joined_at  BIGINT NOT NULL,
    PRIMARY KEY (group_code, account_id)
);
CREATE INDEX staff_group_member_by_account ON staff_group_member (account_id);
