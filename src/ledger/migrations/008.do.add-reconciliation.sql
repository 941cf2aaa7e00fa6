-- What reconciliation remembers of an archive that it has claimed again: without it, it would do so with every list.
ALTER TABLE archives
  -- When it was last picked, whatever came of it.
  ADD COLUMN reconciled_at timestamptz,
  -- How often it was picked after its claim had failed.
  ADD COLUMN reclaims integer NOT NULL DEFAULT 0 CHECK (reclaims >= 0);
