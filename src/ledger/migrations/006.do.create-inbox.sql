-- Notifications that Temporal did not take in time, until their claims are started. Nothing but which archive they are
-- about: a notification is a hint, and the rest of it is personal data.
CREATE TABLE inbox (
  tenant text COLLATE "C" NOT NULL CHECK (tenant ~ '^[A-Za-z0-9][A-Za-z0-9_-]{0,62}$'),
  archive_id text COLLATE "C" NOT NULL CHECK (archive_id ~ '^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$'),
  received_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  -- When the claim is to be started: later where a start is under way, or was tried and failed.
  due_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  attempts integer NOT NULL DEFAULT 0 CHECK (attempts >= 0),
  PRIMARY KEY (tenant, archive_id)
);

CREATE INDEX inbox_by_due_time ON inbox (due_at);
