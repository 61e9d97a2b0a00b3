-- Which wrong passwords were counted under a key: a keyed digest of four bytes and the moment, the oldest first. The
-- same one typed again counts once and is answered without asking the directory.
ALTER TABLE throttle ADD COLUMN tried TEXT NOT NULL DEFAULT '';
