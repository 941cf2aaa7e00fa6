-- What happened to each archive, append-only. Events hold identifiers, statuses, sizes and checksums: no personal data.
CREATE TABLE events (
  tenant text COLLATE "C" NOT NULL,
  archive_id text COLLATE "C" NOT NULL,
  sequence integer NOT NULL CHECK (sequence > 0),
  at timestamptz NOT NULL,
  -- A term of https://id.loc.gov/vocabulary/preservation/eventType
  type text NOT NULL CHECK (type ~ '^[a-z ]+$'),
  outcome text NOT NULL CHECK (outcome IN ('success', 'failure', 'warning')),
  detail jsonb NOT NULL CHECK (jsonb_typeof(detail) = 'object'),
  previous_hash text NOT NULL CHECK (previous_hash ~ '^[0-9a-f]{64}$'),
  hash text NOT NULL CHECK (hash ~ '^[0-9a-f]{64}$'),
  PRIMARY KEY (tenant, archive_id, sequence),
  FOREIGN KEY (tenant, archive_id) REFERENCES archives
);

CREATE FUNCTION refuse_change_of_events() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'events are append-only' USING ERRCODE = 'restrict_violation';
END
$$;

CREATE TRIGGER events_are_append_only
  BEFORE UPDATE OR DELETE OR TRUNCATE ON events
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change_of_events();

-- The hash of an event is the SHA-256, in hex, of these lines in UTF-8, joined by single line feeds (none of them can
-- hold one): previous hash, tenant, archive id, sequence, time, type, outcome, detail. The time is in UTC with
-- microseconds, as 2026-01-31T23:59:59.000000Z; the detail is what `detail::text` gives. The hash before the first is
-- 64 zeros.
CREATE FUNCTION event_hash(
  previous_hash text, tenant text, archive_id text, sequence integer,
  at timestamptz, type text, outcome text, detail jsonb
) RETURNS text LANGUAGE sql STABLE AS $$
  SELECT encode(
    sha256(
      convert_to(
        concat_ws(
          E'\n', previous_hash, tenant, archive_id, sequence,
          to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), type, outcome, detail::text
        ),
        'UTF8'
      )
    ),
    'hex'
  )
$$;

-- Called by the statement that changes the archive's row, for the row that it changed. That statement holds the row's
-- lock to its end, and in READ COMMITTED every query of a volatile function looks anew: the chain that is read here is
-- the one that the last holder of the lock has committed, never the one from before the wait.
CREATE FUNCTION append_event(
  event_tenant text, event_archive_id text, event_type text, event_outcome text, event_detail jsonb
) RETURNS integer LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  archive record;
  event_sequence integer;
  event_at timestamptz := clock_timestamp();
  new_hash text;
BEGIN
  SELECT event_count, last_event_hash INTO STRICT archive
    FROM archives WHERE tenant = event_tenant AND archive_id = event_archive_id FOR UPDATE;
  event_sequence := archive.event_count + 1;
  new_hash := event_hash(
    archive.last_event_hash, event_tenant, event_archive_id, event_sequence,
    event_at, event_type, event_outcome, event_detail
  );
  INSERT INTO events (tenant, archive_id, sequence, at, type, outcome, detail, previous_hash, hash)
    VALUES (
      event_tenant, event_archive_id, event_sequence,
      event_at, event_type, event_outcome, event_detail, archive.last_event_hash, new_hash
    );
  UPDATE archives SET event_count = event_sequence, last_event_hash = new_hash
    WHERE tenant = event_tenant AND archive_id = event_archive_id;
  RETURN event_sequence;
END
$$;
