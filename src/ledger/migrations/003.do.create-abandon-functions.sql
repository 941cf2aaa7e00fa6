-- The abandon: see docs/architecture.md. Two facts are kept apart. Told is a fact of an archive (told_at); over is a fact of a
-- request (over_at). Locks: members' lock, rows by id, flights, chain heads.

-- Whether a finding about the copy keeps the archive from being abandoned: nobody accepted it.
CREATE FUNCTION warns(warning text, accepted text[]) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
  SELECT warning IS NOT NULL AND NOT coalesce(CASE warning
    WHEN 'ZipUnreadable' THEN 'unreadable' = ANY (accepted)
    WHEN 'ChecksumMissing' THEN 'withoutChecksum' = ANY (accepted)
  END, false)
$$;

-- Judges whether the conference may be abandoned now, and if so opens a flight: from its commit on, a request may be sent.
-- Returns `intended`; `told` if there is nothing left to tell; `fenced`; what needs work first: `unseen` if the caller has not looked
-- at the bag and the record of every other member (`looked_at`), `fixity`, `listTooOld`, `inFlight`; or what only somebody else can
-- remove, and then ends the claim at `secured` in the same transaction, so that whoever removes it finds a claim that waits: `notSecured`, `conferenceUnknown`, `held`, `decided`, `warning`, `copyOnly`.
-- A member whose latest fixity check failed counts as not secured: its repair queues the others. One that the platform was told of, and
-- shows a file of again, is a member once more. Without a conference (`c` is
-- NULL) the request addresses one archive: then only that one is judged, and no list is needed.
CREATE FUNCTION intend(
  flight uuid, t text, c text, own text, f_at bigint, f_run text, f_step integer, f_attempt integer, process text,
  looked_at text[], copy_only boolean, lease interval, fresh interval, list_age interval
) RETURNS text LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  j record;
  r archives;
  verdict text;
BEGIN
  PERFORM pg_advisory_xact_lock(members_key(t));
  PERFORM 1 FROM archives
    WHERE tenant = t AND (archive_id = own OR is_member(conference_ids, told_at, platform_status, c))
    ORDER BY archive_id FOR UPDATE;
  -- A later statement than the locks: what they waited for is seen.
  SELECT * INTO r FROM archives WHERE tenant = t AND archive_id = own;
  IF NOT FOUND THEN RETURN 'fenced'; END IF;
  IF r.told_at IS NOT NULL THEN RETURN 'told'; END IF;
  IF NOT owns(r, f_at, f_run, f_step, f_attempt) THEN RETURN 'fenced'; END IF;
  -- No argument of an AND is NULL for any row, so that none is left out.
  SELECT
    array_agg(archive_id ORDER BY archive_id) AS members,
    bool_and(conference_ids <> '{}') AS known,
    bool_and(is_kept(state, told_at) AND secured_at IS NOT NULL AND fixity_ok IS TRUE) AS secured,
    bool_and(held_at IS NULL) AS free,
    bool_and(decision IS NULL) AS undecided,
    bool_and(NOT warns(warning, accepted)) AS unwarned,
    bool_and(copy_only IS FALSE OR abandon_wanted_at IS NOT NULL) AS wanted,
    bool_and(coalesce(fixity_at BETWEEN clock_timestamp() - fresh AND clock_timestamp(), false)) AS fresh_enough,
    max(greatest(secured_at, released_at, abandon_wanted_at)) AS changed_at
  INTO STRICT j
  FROM archives
  WHERE tenant = t AND (archive_id = own OR is_member(conference_ids, told_at, platform_status, c));
  verdict := CASE
    WHEN c IS NOT NULL AND NOT c = ANY (r.conference_ids) THEN 'conferenceUnknown'
    -- Before what people ordered of that archive: whoever makes its conference known queues what ended here.
    WHEN j.known IS NOT TRUE THEN 'conferenceUnknown'
    WHEN j.undecided IS NOT TRUE THEN 'decided'
    WHEN j.free IS NOT TRUE THEN 'held'
    WHEN j.secured IS NOT TRUE THEN 'notSecured'
    WHEN j.unwarned IS NOT TRUE THEN 'warning'
    WHEN j.wanted IS NOT TRUE THEN 'copyOnly'
    WHEN (j.members <@ array_append(looked_at, own)) IS NOT TRUE THEN 'unseen'
    WHEN j.fresh_enough IS NOT TRUE THEN 'fixity'
    WHEN c IS NOT NULL AND NOT EXISTS (
      SELECT FROM lists AS l
      WHERE l.id IN (r.listed_in, r.listed_before) AND l.tenant = t AND l.whole AND l.ended_at IS NOT NULL
        AND l.begun_at >= j.changed_at AND l.begun_at BETWEEN clock_timestamp() - list_age AND clock_timestamp()
        -- A later one that ended without being whole may have shown what nobody understood.
        AND NOT EXISTS (
          SELECT FROM lists AS n
          WHERE n.tenant = t AND n.begun_at > l.begun_at AND NOT n.whole
            AND (n.ended_at IS NOT NULL OR n.lease_until <= clock_timestamp())
        )
    ) THEN 'listTooOld'
    WHEN EXISTS (
      SELECT FROM abandons
      WHERE tenant = t AND (conference_id = c OR c IS NULL AND members @> ARRAY[own])
        AND over_at IS NULL AND coalesce(begun_at > clock_timestamp() - lease, true)
    ) THEN 'inFlight'
    ELSE 'intended'
  END;
  IF verdict IN ('decided', 'held', 'conferenceUnknown', 'notSecured', 'warning', 'copyOnly') THEN
    UPDATE archives SET ended_at = clock_timestamp(), ended_reason = verdict WHERE tenant = t AND archive_id = own;
  ELSIF verdict = 'intended' THEN
    INSERT INTO abandons (id, tenant, conference_id, members, archive_id, run_id, worker, begun_at)
      VALUES (flight, t, coalesce(c, ''), j.members, own, f_run, process, clock_timestamp());
  END IF;
  RETURN verdict;
END
$$;

-- A look at the sealed copy of a member of the conference, outside its own claim: recorded unless another look was recorded since
-- the caller read `seen`. A copy that is damaged or gone is due for the sweep, which repairs it, at once.
CREATE FUNCTION note_member_fixity(t text, a text, seen timestamptz, verdict text, found_sha256 text, found_bytes bigint)
RETURNS boolean LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  is_whole boolean := verdict = 'whole';
  was_whole boolean;
BEGIN
  SELECT fixity_ok INTO was_whole FROM archives WHERE tenant = t AND archive_id = a FOR UPDATE;
  UPDATE archives SET
    fixity_ok = is_whole,
    fixity_at = clock_timestamp(),
    fixity_due_at = CASE WHEN is_whole THEN fixity_due_at ELSE least(fixity_due_at, clock_timestamp()) END
  WHERE tenant = t AND archive_id = a AND secured_at IS NOT NULL
    -- A caller's clock has milliseconds.
    AND date_trunc('milliseconds', fixity_at) = date_trunc('milliseconds', seen);
  IF FOUND THEN
    PERFORM append_event(t, a, 'fixity check', CASE WHEN is_whole THEN 'success' ELSE 'failure' END,
      jsonb_strip_nulls(jsonb_build_object('verdict', verdict, 'sha256', found_sha256, 'sizeBytes', found_bytes)));
    IF is_whole AND NOT was_whole THEN PERFORM queue_waiting_members(t, a); END IF;
    RETURN true;
  END IF;
  RETURN false;
END
$$;

-- The owner of a flight ends it only if its request can have no effect: no byte was written, or the platform refused it.
CREATE FUNCTION end_flight(flight uuid, how text) RETURNS boolean LANGUAGE plpgsql VOLATILE AS $$
BEGIN
  UPDATE abandons SET over_at = clock_timestamp(), outcome = how WHERE id = flight AND over_at IS NULL;
  RETURN FOUND;
END
$$;

-- Writes that records showed the archives ABANDONED or EXPIRED; each row is locked in the order of the ids.
CREATE FUNCTION note_told(t text, shown jsonb, recheck interval, confirm interval) RETURNS integer LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  one record;
  told integer := 0;
BEGIN
  FOR one IN
    SELECT k.archive_id, s.status FROM jsonb_to_recordset(shown) AS s (archive_id text, status text)
      JOIN archives AS k ON k.tenant = t AND k.archive_id = s.archive_id
    WHERE s.status IN ('ABANDONED', 'EXPIRED')
    ORDER BY k.archive_id
  LOOP
    PERFORM note_shown(t, one.archive_id, NULL, one.status, false, recheck, confirm);
    told := told + 1;
  END LOOP;
  RETURN told;
END
$$;
