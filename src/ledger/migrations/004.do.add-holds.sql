ALTER TABLE archives
  -- Who keeps the archive from being abandoned, and since when.
  ADD COLUMN held_at timestamptz,
  ADD COLUMN held_by text COLLATE "C" CHECK (held_by ~ '^[A-Za-z0-9@._+-]{1,64}$'),
  -- Who wants it abandoned although copy-only mode is on.
  ADD COLUMN abandon_ordered_at timestamptz,
  ADD COLUMN abandon_ordered_by text COLLATE "C" CHECK (abandon_ordered_by ~ '^[A-Za-z0-9@._+-]{1,64}$'),
  ADD CONSTRAINT hold_is_whole CHECK (num_nulls(held_at, held_by) IN (0, 2)),
  ADD CONSTRAINT held_is_not_abandoned CHECK (held_at IS NULL OR abandoned_at IS NULL),
  ADD CONSTRAINT abandon_order_is_whole CHECK (num_nulls(abandon_ordered_at, abandon_ordered_by) IN (0, 2)),
  ADD CONSTRAINT abandon_was_ordered_of_secured CHECK (abandon_ordered_at IS NULL OR secured_at IS NOT NULL);
