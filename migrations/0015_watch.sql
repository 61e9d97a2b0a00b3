-- What is watched of the mailboxes: quota, largest message, last use beside the entry; forwarding with its dates.

-- In KiB; -1: there is no limit; NULL: the directory does not tell.
ALTER TABLE directory_entry ADD COLUMN quota_kib BIGINT;
ALTER TABLE directory_entry ADD COLUMN message_kib BIGINT;
-- When it was last used there, if the directory tells.
ALTER TABLE directory_entry ADD COLUMN used_at BIGINT;

CREATE TABLE forward_seen (
    system     TEXT NOT NULL,
    native_id  TEXT NOT NULL,
    -- Where mail is forwarded to: an address in small letters, or the name of a recipient whose address is not known.
    address    TEXT NOT NULL,
    -- The domain of the address; '' where it is not known.
    domain     TEXT NOT NULL,
    keeps_copy BOOLEAN NOT NULL,
    -- How it came to be: 'administrator', 'holder', 'elsewhere', 'nomade'.
    source     TEXT NOT NULL,
    -- When it was first seen.
    since      BIGINT NOT NULL,
    -- When it was first seen no more.
    ended_at   BIGINT,
    PRIMARY KEY (system, native_id, address)
);
CREATE INDEX forward_seen_open ON forward_seen (system, native_id) WHERE ended_at IS NULL;

-- What a mail system keeps of its mailboxes outside its directory (OBM's SQL), as last read: so that a change there
-- alone is seen, and a failure there takes nothing away.
CREATE TABLE beside_entry (
    system TEXT NOT NULL,
    -- In small letters.
    login  TEXT NOT NULL,
    -- JSON.
    body   TEXT NOT NULL,
    PRIMARY KEY (system, login)
);
