-- What no statement may break after the abandon, whoever writes it: a row is closed once the platform said that its file
-- is gone, and not before.
ALTER TABLE archives
  ADD CONSTRAINT expired_was_abandoned CHECK (expired_at IS NULL OR abandoned_at IS NOT NULL),
  ADD CONSTRAINT closed_is_confirmed CHECK (state <> 'closed' OR expired_at IS NOT NULL);
