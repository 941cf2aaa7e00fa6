-- One row for each archive that a record or a list of the platform has shown. The checks hold what no statement may break.
-- State only moves forward; every change of state appends one event in the same transaction.
CREATE TABLE archives (
  tenant text COLLATE "C" NOT NULL CHECK (tenant ~ '^[A-Za-z0-9][A-Za-z0-9_-]{0,62}$'),
  archive_id text COLLATE "C" NOT NULL CHECK (archive_id ~ '^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$'),
  -- Every conference that the archive was ever shown in; it only grows, and the record's comes first.
  conference_ids text[] COLLATE "C" NOT NULL DEFAULT '{}',
  sha256 text CHECK (sha256 ~ '^[0-9a-f]{64}$'),
  size_bytes bigint CHECK (size_bytes >= 0),
  location text,
  state text NOT NULL DEFAULT 'announced' CHECK (
    state IN (
      'announced', 'waiting', 'downloading', 'verifying', 'secured', 'abandoned', 'closed', 'failed', 'missed'
    )
  ),
  state_since timestamptz NOT NULL DEFAULT clock_timestamp(),
  platform_status text,
  -- Why a person should look (a failure type), beside the state.
  attention text,
  attention_since timestamptz,
  -- A finding about the copy that a person must accept before the abandon.
  warning text,
  -- The fence: the key of the attempt that may change the row. It only rises.
  fence_at bigint NOT NULL DEFAULT 0,
  run_id text COLLATE "C" NOT NULL DEFAULT '',
  step integer NOT NULL DEFAULT 0,
  attempt integer NOT NULL DEFAULT 0,
  -- Whether it belongs to the repair of a copy, not to a claim.
  is_repair boolean NOT NULL DEFAULT false,
  ended_at timestamptz,
  ended_reason text,
  deadline_at timestamptz,
  -- Orders: what a person (or the deadline) decided.
  decision text CHECK (decision IN ('giveUp', 'cancelled', 'deadline')),
  decided_by text,
  decided_at timestamptz,
  accepted text[] NOT NULL DEFAULT '{}',
  held_by text,
  held_at timestamptz,
  released_at timestamptz,
  abandon_wanted_by text,
  abandon_wanted_at timestamptz,
  announced_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  -- The last time that a copy was sealed.
  secured_at timestamptz,
  -- The latest reading of the list that showed the archive, written only while a claim of it is about to abandon: a list that
  -- leaves the archive out may leave out others. While that one is being read, the latest whole one before it counts.
  listed_in bigint,
  listed_before bigint,
  -- When a record or a list first showed ABANDONED or EXPIRED. Never taken back.
  told_at timestamptz,
  -- When the record last said EXPIRED.
  expired_at timestamptz,
  fixity_ok boolean,
  fixity_at timestamptz,
  fixity_due_at timestamptz,
  confirm_due_at timestamptz,
  PRIMARY KEY (tenant, archive_id),
  CONSTRAINT secured_is_whole CHECK (
    secured_at IS NULL OR num_nulls(sha256, size_bytes, location, fixity_ok, fixity_at) = 0 AND conference_ids <> '{}'
  ),
  CONSTRAINT secured_is_dated CHECK (state NOT IN ('secured', 'abandoned', 'closed') OR secured_at IS NOT NULL),
  CONSTRAINT secured_stays_so CHECK (
    secured_at IS NULL OR state IN ('secured', 'abandoned', 'closed', 'failed')
  ),
  CONSTRAINT abandoned_was_told CHECK (state NOT IN ('abandoned', 'closed') OR told_at IS NOT NULL),
  -- Closed after a fixity check that followed the deletion; a copy that is found damaged in later years is shown.
  CONSTRAINT closed_is_proven CHECK (
    state <> 'closed' OR num_nulls(expired_at, fixity_ok, fixity_at) = 0 AND fixity_at > expired_at
      AND (fixity_ok OR attention IS NOT NULL)
  ),
  CONSTRAINT attention_is_dated CHECK (num_nulls(attention, attention_since) IN (0, 2)),
  CONSTRAINT hold_is_whole CHECK (num_nulls(held_at, held_by) IN (0, 2)),
  CONSTRAINT decision_is_whole CHECK (num_nulls(decision, decided_by, decided_at) IN (0, 3)),
  CONSTRAINT abandon_order_is_whole CHECK (num_nulls(abandon_wanted_at, abandon_wanted_by) IN (0, 2)),
  CONSTRAINT ended_has_a_reason CHECK (num_nulls(ended_at, ended_reason) IN (0, 2))
) WITH (fillfactor = 75);

CREATE INDEX archives_by_conference ON archives USING gin (conference_ids) WITH (fastupdate = off);
CREATE INDEX archives_of_unknown_conference ON archives (tenant) WHERE conference_ids = '{}' AND told_at IS NULL;
CREATE INDEX archives_kept_by_unknown ON archives (tenant) WHERE ended_reason = 'conferenceUnknown' AND told_at IS NULL;
-- No other index of every row may begin with the tenant: while a table is new, without statistics, the planner would look a row up in it.
CREATE INDEX archives_by_state ON archives (state, tenant, state_since DESC);
CREATE INDEX archives_in_attention ON archives (tenant, attention_since) WHERE attention IS NOT NULL;
CREATE INDEX archives_undecided ON archives (tenant, archive_id)
  WHERE decision IS NOT NULL AND state <> 'failed' AND told_at IS NULL;
CREATE INDEX archives_by_fixity_due ON archives (tenant, fixity_due_at) WHERE fixity_due_at IS NOT NULL;
CREATE INDEX archives_by_confirm_due ON archives (tenant, confirm_due_at) WHERE confirm_due_at IS NOT NULL;

-- The platform's record as it came, until a copy is secured: personal data. jsonb for queries, bytes for the bag.
CREATE TABLE records (
  tenant text COLLATE "C" NOT NULL,
  archive_id text COLLATE "C" NOT NULL,
  source bytea NOT NULL,
  record jsonb,
  fetched_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (tenant, archive_id),
  FOREIGN KEY (tenant, archive_id) REFERENCES archives
);

-- Archives whose claims are to be started or woken. A row goes when the archive's claim has begun in the ledger.
CREATE TABLE queue (
  tenant text COLLATE "C" NOT NULL CHECK (tenant ~ '^[A-Za-z0-9][A-Za-z0-9_-]{0,62}$'),
  archive_id text COLLATE "C" NOT NULL CHECK (archive_id ~ '^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$'),
  origin text NOT NULL CHECK (origin IN ('hint', 'list', 'order', 'retry')),
  -- Since when the archive waits for a worker, whatever became of its leases; kept when it is queued anew. In the future while a
  -- worker has asked for the record in vain and will ask again by then.
  queued_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  -- Not before this; a lease moves it to the lease's end.
  due_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  -- How often it was leased; a lease that was given back does not count.
  attempts integer NOT NULL DEFAULT 0 CHECK (attempts >= 0),
  -- How often the platform answered 404, for a hint about an archive that nobody ever saw.
  misses integer NOT NULL DEFAULT 0 CHECK (misses >= 0),
  -- The name of the lease; whoever queues the row anew clears it, so that the holder of an older lease changes nothing.
  leased_by text,
  PRIMARY KEY (tenant, archive_id)
) WITH (fillfactor = 75);

CREATE INDEX queue_by_turn ON queue (tenant, (origin = 'hint'), due_at);

-- Readings of a platform's list: what an abandon relies on.
CREATE TABLE lists (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  tenant text COLLATE "C" NOT NULL,
  reader text NOT NULL,
  lease_until timestamptz NOT NULL,
  -- Committed before the first request.
  begun_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  ended_at timestamptz,
  -- True only after everything that the list showed was committed.
  whole boolean NOT NULL DEFAULT false
);

CREATE INDEX lists_by_begin ON lists (tenant, begun_at DESC);

-- One row for each abandon request that may be sent. Without over_at it is a flight: its request may still take effect.
CREATE TABLE abandons (
  id uuid PRIMARY KEY,
  tenant text COLLATE "C" NOT NULL,
  conference_id text COLLATE "C" NOT NULL,
  members text[] COLLATE "C" NOT NULL,
  archive_id text COLLATE "C" NOT NULL,
  run_id text NOT NULL,
  worker text NOT NULL,
  begun_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  over_at timestamptz,
  outcome text CHECK (outcome IN ('unsent', 'refused', 'settled')),
  CONSTRAINT over_has_an_outcome CHECK (num_nulls(over_at, outcome) IN (0, 2))
);

CREATE INDEX abandons_by_conference ON abandons (tenant, conference_id);
CREATE INDEX abandons_by_member ON abandons USING gin (members) WITH (fastupdate = off);
CREATE INDEX abandons_in_flight ON abandons (tenant, begun_at) WHERE over_at IS NULL;

-- The identity that each store had when it was first used: an empty mount point in its place has another, or none.
CREATE TABLE stores (
  url text PRIMARY KEY,
  identity text NOT NULL,
  remembered_at timestamptz NOT NULL DEFAULT clock_timestamp()
);

-- The secrets of the callback URLs that Archivist registered with the platform: one row a generation. Only hashes are kept, so
-- that nobody who reads the ledger can send notifications.
CREATE TABLE subscriptions (
  -- Numbers of all tenants come from one sequence, which makes them unique without waiting for each other.
  generation integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  tenant text COLLATE "C" NOT NULL CHECK (tenant ~ '^[A-Za-z0-9][A-Za-z0-9_-]{0,62}$'),
  sha256 text NOT NULL UNIQUE CHECK (sha256 ~ '^[0-9a-f]{64}$'),
  -- What the platform calls the subscription; absent until its answer is known.
  subscription_id text,
  created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  registered_at timestamptz,
  -- Since when a newer one takes its place: it is to be deleted on the platform.
  superseded_at timestamptz,
  -- Since when it is deleted on the platform. What is in flight is still delivered, with this secret.
  unsubscribed_at timestamptz,
  -- Since when the gateway no longer takes the secret.
  retired_at timestamptz,
  CONSTRAINT registered_has_an_id CHECK ((subscription_id IS NULL) = (registered_at IS NULL)),
  CONSTRAINT superseded_was_registered CHECK (superseded_at IS NULL OR registered_at IS NOT NULL),
  CONSTRAINT unsubscribed_was_superseded CHECK (unsubscribed_at IS NULL OR superseded_at IS NOT NULL),
  CONSTRAINT retired_is_not_subscribed CHECK (
    retired_at IS NULL OR registered_at IS NULL OR unsubscribed_at IS NOT NULL
  )
);

CREATE INDEX subscriptions_by_tenant ON subscriptions (tenant, generation);

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
  PRIMARY KEY (tenant, archive_id, sequence)
);

-- The end of each archive's chain of events, so that a chain that was cut short is noticed.
CREATE TABLE chains (
  tenant text COLLATE "C" NOT NULL,
  archive_id text COLLATE "C" NOT NULL,
  sequence integer NOT NULL,
  hash text NOT NULL,
  PRIMARY KEY (tenant, archive_id)
) WITH (fillfactor = 75);

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

-- Appends one event to the archive's chain. Whoever calls it holds the archive's row, and so the chain's head is free or is
-- waited for; chain heads are the last locks that a transaction takes.
CREATE FUNCTION append_event(t text, a text, event_type text, event_outcome text, event_detail jsonb)
RETURNS integer LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  head chains%ROWTYPE;
  event_at timestamptz;
  new_hash text;
BEGIN
  SELECT * INTO head FROM chains WHERE tenant = t AND archive_id = a FOR UPDATE;
  IF NOT FOUND THEN
    INSERT INTO chains VALUES (t, a, 0, repeat('0', 64)) ON CONFLICT DO NOTHING;
    SELECT * INTO STRICT head FROM chains WHERE tenant = t AND archive_id = a FOR UPDATE;
  END IF;
  event_at := clock_timestamp();
  new_hash := event_hash(head.hash, t, a, head.sequence + 1, event_at, event_type, event_outcome, event_detail);
  INSERT INTO events (tenant, archive_id, sequence, at, type, outcome, detail, previous_hash, hash)
    VALUES (t, a, head.sequence + 1, event_at, event_type, event_outcome, event_detail, head.hash, new_hash);
  UPDATE chains SET sequence = head.sequence + 1, hash = new_hash WHERE tenant = t AND archive_id = a;
  RETURN head.sequence + 1;
END
$$;
