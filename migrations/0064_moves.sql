-- Agencies that come below another one on a day, with everything below them (docs/console.md): reorganisations of the
-- kind 'move'. The agency below which it comes; NULL: the top of the tree.
ALTER TABLE reorganisation ADD COLUMN under_id TEXT REFERENCES agency (id);
