-- One row an archive. The checks hold what no statement may break, whoever writes it.
CREATE TABLE archives (
  tenant text COLLATE "C" NOT NULL CHECK (tenant ~ '^[A-Za-z0-9][A-Za-z0-9_-]{0,62}$'),
  archive_id text COLLATE "C" NOT NULL CHECK (archive_id ~ '^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$'),
  conference_id text COLLATE "C" CHECK (conference_id ~ '^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$'),
  sha256 text CHECK (sha256 ~ '^[0-9a-f]{64}$'),
  size_bytes bigint CHECK (size_bytes >= 0),
  location text,
  state text NOT NULL CHECK (
    state IN (
      'announced', 'waiting', 'downloading', 'verifying',
      'secured', 'abandoned', 'closed',
      'attention', 'failed', 'missed'
    )
  ),
  platform_status text,
  -- For queries: without what jsonb cannot hold.
  record jsonb,
  -- The record exactly as the platform gave it: jsonb loses the order of keys and the precision of numbers.
  record_source text,
  announced_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  secured_at timestamptz,
  abandoned_at timestamptz,
  rechecked_at timestamptz,
  expired_at timestamptz,
  last_verified_at timestamptz,
  attention text,
  updated_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  -- The end of the archive's chain of events, so that a chain that was cut short is noticed.
  event_count integer NOT NULL DEFAULT 0,
  last_event_hash text NOT NULL DEFAULT repeat('0', 64),
  PRIMARY KEY (tenant, archive_id),
  CONSTRAINT secured_is_whole CHECK (
    secured_at IS NULL OR num_nulls(conference_id, sha256, size_bytes, location) = 0
  ),
  CONSTRAINT secured_is_dated CHECK (state NOT IN ('secured', 'abandoned', 'closed') OR secured_at IS NOT NULL),
  CONSTRAINT secured_stays_so CHECK (
    secured_at IS NULL OR state IN ('secured', 'abandoned', 'closed', 'failed')
  ),
  CONSTRAINT abandoned_is_dated CHECK (state NOT IN ('abandoned', 'closed') OR abandoned_at IS NOT NULL),
  CONSTRAINT abandoned_was_secured CHECK (abandoned_at IS NULL OR secured_at IS NOT NULL),
  CONSTRAINT abandoned_stays_so CHECK (abandoned_at IS NULL OR state IN ('abandoned', 'closed')),
  CONSTRAINT attention_has_a_reason CHECK (state <> 'attention' OR attention IS NOT NULL)
);

CREATE INDEX archives_by_conference ON archives (tenant, conference_id);
-- Every further index on what changes with each step would be paid for with each step.
CREATE INDEX archives_by_state_and_change ON archives (state, updated_at DESC);
