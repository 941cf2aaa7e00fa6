-- Orders. Each locks the row, writes the order, and looks for flights in a later statement: an abandon's mark that the lock
-- waited for is seen then. The order stands from the commit on; the answer may have to wait.

-- What a look at the row and at the flights that may touch it shows. `was_shown` is false if there is no row, `was_written` if
-- the order found what it asks for, or did not fit.
CREATE TYPE order_look AS (
  was_shown boolean,
  was_written boolean,
  is_told boolean,
  -- Requests that may still take effect, and those that ever were begun.
  flights_open integer,
  flights_ever integer,
  e archives
);

-- One statement, and so one moment: what is told and what is in flight belong together.
CREATE FUNCTION look(t text, a text, written boolean) RETURNS order_look LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  l order_look;
BEGIN
  SELECT true, written, r.told_at IS NOT NULL, f.flights_open, f.flights_ever, r
  INTO l.was_shown, l.was_written, l.is_told, l.flights_open, l.flights_ever, l.e
  FROM archives AS r CROSS JOIN LATERAL (
    SELECT count(*) FILTER (WHERE touching.over_at IS NULL) AS flights_open, count(*) AS flights_ever
    FROM (
      SELECT over_at FROM abandons
      WHERE tenant = t AND r.conference_ids <> '{}' AND (members @> ARRAY[a] OR conference_id = ANY (r.conference_ids))
      UNION ALL
      SELECT over_at FROM abandons WHERE tenant = t AND r.conference_ids = '{}'
    ) AS touching
  ) AS f
  WHERE r.tenant = t AND r.archive_id = a;
  IF NOT FOUND THEN
    l.was_shown := false;
    l.was_written := false;
  END IF;
  RETURN l;
END
$$;

-- What became of this very order when it was given before: `success`, or anything else if it changed nothing; NULL if it is new.
-- An attempt whose answer was lost gives it again, and one that was stopped may give it after a later attempt was answered: what was ordered
-- meanwhile stands. An order without an id is always new. The caller holds the row.
CREATE FUNCTION given_before(t text, a text, order_id text) RETURNS text LANGUAGE sql STABLE AS $$
  SELECT outcome FROM events WHERE tenant = t AND archive_id = a AND detail ->> 'orderId' = order_id LIMIT 1
$$;

-- Appends an order to the chain. One that changed nothing is appended only if another attempt might give it again: as a warning if
-- the same stood before, as a failure if it did not fit.
CREATE FUNCTION append_order(t text, a text, kind text, written boolean, stood boolean, what jsonb) RETURNS void
LANGUAGE plpgsql VOLATILE AS $$
BEGIN
  IF written OR what ->> 'orderId' IS NOT NULL THEN
    PERFORM append_event(t, a, kind, CASE WHEN written THEN 'success' WHEN stood THEN 'warning' ELSE 'failure' END,
      jsonb_strip_nulls(what));
  END IF;
END
$$;

-- Locks the row for an order; inserts it first if the order brings what the record showed.
CREATE FUNCTION lock_for_order(t text, a text, conference text, status text) RETURNS boolean LANGUAGE plpgsql VOLATILE AS $$
BEGIN
  IF status IS NOT NULL THEN
    PERFORM lock_members_for(t, a, conference);
    PERFORM note_shown(t, a, conference, status, true, interval '0', interval '0');
  END IF;
  PERFORM 1 FROM archives WHERE tenant = t AND archive_id = a FOR UPDATE;
  RETURN FOUND;
END
$$;

-- What a record showed, without an order.
CREATE FUNCTION order_nothing(t text, a text, conference text, status text) RETURNS order_look LANGUAGE plpgsql VOLATILE AS $$
BEGIN
  PERFORM lock_for_order(t, a, conference, status);
  RETURN look(t, a, false);
END
$$;

CREATE FUNCTION order_hold(t text, a text, who text, why text, order_id text, conference text, status text)
RETURNS order_look LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  earlier text;
  written boolean := false;
  stood boolean;
BEGIN
  IF lock_for_order(t, a, conference, status) THEN
    earlier := given_before(t, a, order_id);
    IF earlier IS NOT NULL THEN RETURN look(t, a, earlier = 'success'); END IF;
    UPDATE archives SET held_by = who, held_at = clock_timestamp()
      WHERE tenant = t AND archive_id = a AND held_at IS NULL AND told_at IS NULL;
    written := FOUND;
    SELECT held_at IS NOT NULL INTO STRICT stood FROM archives WHERE tenant = t AND archive_id = a;
    PERFORM append_order(t, a, 'policy assignment', written, stood,
      jsonb_build_object('order', 'hold', 'by', who, 'why', why, 'orderId', order_id));
  END IF;
  RETURN look(t, a, written);
END
$$;

CREATE FUNCTION order_release(t text, a text, who text, why text, order_id text) RETURNS order_look LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  earlier text;
  written boolean := false;
BEGIN
  IF lock_for_order(t, a, NULL, NULL) THEN
    earlier := given_before(t, a, order_id);
    IF earlier IS NOT NULL THEN RETURN look(t, a, earlier = 'success'); END IF;
    UPDATE archives SET held_by = NULL, held_at = NULL, released_at = clock_timestamp()
      WHERE tenant = t AND archive_id = a AND held_at IS NOT NULL;
    written := FOUND;
    PERFORM append_order(t, a, 'policy assignment', written, false,
      jsonb_build_object('order', 'release', 'by', who, 'why', why, 'orderId', order_id));
    IF written THEN PERFORM queue_waiting_members(t, a); END IF;
  END IF;
  RETURN look(t, a, written);
END
$$;

-- `giveUp`, `cancelled` or `deadline`: nothing is abandoned from here on. `failed` is written when it is decided that nothing
-- was told, by `conclude`. What a person decided is not replaced by a deadline, and a deadline that was moved since its claim
-- looked (`deadline_seen`) has not passed.
CREATE FUNCTION order_end(
  t text, a text, what text, deadline_seen timestamptz, who text, why text, order_id text, conference text, status text
) RETURNS order_look LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  earlier text;
  written boolean := false;
  stood boolean;
BEGIN
  IF lock_for_order(t, a, conference, status) THEN
    earlier := given_before(t, a, order_id);
    IF earlier IS NOT NULL THEN RETURN look(t, a, earlier = 'success'); END IF;
    UPDATE archives SET decision = what, decided_by = who, decided_at = clock_timestamp()
      WHERE tenant = t AND archive_id = a AND told_at IS NULL
        AND (decision IS NULL OR decision = 'deadline' AND what <> 'deadline')
        -- A claim's clock has milliseconds.
        AND coalesce(date_trunc('milliseconds', deadline_at) <= deadline_seen, true);
    written := FOUND;
    SELECT decision IS NOT DISTINCT FROM what INTO STRICT stood FROM archives WHERE tenant = t AND archive_id = a;
    PERFORM append_order(t, a, 'appraisal', written, stood,
      jsonb_build_object('order', what, 'by', who, 'why', why, 'orderId', order_id));
    IF written THEN DELETE FROM queue WHERE tenant = t AND archive_id = a; END IF;
  END IF;
  RETURN look(t, a, written);
END
$$;

-- `failed`, if an order to end stands and it is decided that nothing was told: the caller read the record, or no request
-- ever touched the archive. Looks at told and flights again under the row's lock.
CREATE FUNCTION conclude(t text, a text, reason text) RETURNS order_look LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  l order_look;
BEGIN
  PERFORM 1 FROM archives WHERE tenant = t AND archive_id = a FOR UPDATE;
  l := look(t, a, false);
  IF l.was_shown AND NOT l.is_told AND l.flights_open = 0 AND (l.e).decision IS NOT NULL AND (l.e).state <> 'failed' THEN
    UPDATE archives SET
      state = 'failed', state_since = clock_timestamp(), attention = NULL, attention_since = NULL,
      ended_at = coalesce(ended_at, clock_timestamp()), ended_reason = coalesce(ended_reason, reason)
    WHERE tenant = t AND archive_id = a;
    PERFORM append_event(t, a, 'ingestion end', 'failure', jsonb_build_object('state', 'failed', 'reason', reason));
    l := look(t, a, true);
  END IF;
  RETURN l;
END
$$;

-- `archivist claim ID`: clears what was decided, and has the archive claimed again.
CREATE FUNCTION order_claim(t text, a text, who text, why text, order_id text, conference text, status text)
RETURNS order_look LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  written boolean := false;
BEGIN
  IF lock_for_order(t, a, conference, status) THEN
    IF given_before(t, a, order_id) IS NOT NULL THEN RETURN look(t, a, true); END IF;
    UPDATE archives SET decision = NULL, decided_by = NULL, decided_at = NULL
      WHERE tenant = t AND archive_id = a AND decision IS NOT NULL;
    written := FOUND;
    IF written THEN
      PERFORM append_order(t, a, 'appraisal', true, false,
        jsonb_build_object('order', 'claim', 'by', who, 'why', why, 'orderId', order_id));
    END IF;
    PERFORM queue_order(t, a) FROM archives
      WHERE tenant = t AND archive_id = a AND state NOT IN ('abandoned', 'closed');
    written := written OR FOUND;
  END IF;
  RETURN look(t, a, written);
END
$$;

-- `retry`, `acceptWithoutChecksum` or `acceptUnreadable`: the claim goes on by it, or is started again. Not of what was decided, or is
-- done: a later claim must not rely on what was refused.
CREATE FUNCTION order_go_on(t text, a text, choice text, acceptance text, who text, why text, order_id text)
RETURNS order_look LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  earlier text;
  written boolean := false;
BEGIN
  IF lock_for_order(t, a, NULL, NULL) THEN
    earlier := given_before(t, a, order_id);
    IF earlier IS NOT NULL THEN RETURN look(t, a, earlier = 'success'); END IF;
    UPDATE archives
      SET accepted = CASE WHEN acceptance IS NULL OR acceptance = ANY (accepted) THEN accepted ELSE accepted || acceptance END
      WHERE tenant = t AND archive_id = a AND decision IS NULL AND state NOT IN ('abandoned', 'closed');
    written := FOUND;
    PERFORM append_order(t, a, 'appraisal', written, false,
      jsonb_build_object('order', choice, 'by', who, 'why', why, 'orderId', order_id));
    IF written THEN PERFORM queue_order(t, a); END IF;
  END IF;
  RETURN look(t, a, written);
END
$$;

-- Moves the deadline of a claim that is under way and that nobody has ended: `added` later than it is, or than now if it has passed.
CREATE FUNCTION order_extend(t text, a text, added interval, who text, why text, order_id text)
RETURNS order_look LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  earlier text;
  written boolean := false;
BEGIN
  IF lock_for_order(t, a, NULL, NULL) THEN
    earlier := given_before(t, a, order_id);
    IF earlier IS NOT NULL THEN RETURN look(t, a, earlier = 'success'); END IF;
    UPDATE archives SET deadline_at = greatest(deadline_at, clock_timestamp()) + added
      WHERE tenant = t AND archive_id = a AND ended_at IS NULL AND decision IS NULL AND deadline_at IS NOT NULL AND NOT is_repair
        AND greatest(deadline_at, clock_timestamp()) + added <= clock_timestamp() + interval '60 days';
    written := FOUND;
    PERFORM append_order(t, a, 'policy assignment', written, false,
      jsonb_build_object('order', 'extend', 'by', who, 'why', why, 'orderId', order_id,
        'ms', (extract(epoch FROM added) * 1000)::bigint));
  END IF;
  RETURN look(t, a, written);
END
$$;

-- In copy-only mode: an abandon that a person wants, of all given archives of one conference.
CREATE FUNCTION order_abandon(t text, ids text[], who text, why text) RETURNS integer LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  one text;
  ordered integer := 0;
BEGIN
  PERFORM 1 FROM archives WHERE tenant = t AND archive_id = ANY (ids) ORDER BY archive_id FOR UPDATE;
  FOR one IN SELECT archive_id FROM archives WHERE tenant = t AND archive_id = ANY (ids) ORDER BY archive_id LOOP
    UPDATE archives SET abandon_wanted_by = who, abandon_wanted_at = clock_timestamp()
      WHERE tenant = t AND archive_id = one AND secured_at IS NOT NULL AND told_at IS NULL AND abandon_wanted_at IS NULL;
    IF FOUND THEN
      ordered := ordered + 1;
      PERFORM append_event(t, one, 'policy assignment', 'success',
        jsonb_strip_nulls(jsonb_build_object('order', 'abandon', 'by', who, 'why', why)));
    END IF;
  END LOOP;
  -- A later statement, so that a claim that has just ended at `secured` is seen.
  INSERT INTO queue (tenant, archive_id, origin)
    SELECT t, archive_id, 'order' FROM archives
    WHERE tenant = t AND archive_id = ANY (ids) AND state = 'secured' AND told_at IS NULL AND ended_at IS NOT NULL
    ORDER BY archive_id
    ON CONFLICT (tenant, archive_id) DO UPDATE SET origin = 'order', due_at = least(queue.due_at, excluded.due_at), leased_by = NULL;
  RETURN ordered;
END
$$;
