-- What a claim's steps write. Locks are taken in one order: members' lock, rows by id, flights, chain heads.

-- The members' lock of a tenant: shared for whoever inserts an archive or adds a conference to one, exclusive for `intend`.
CREATE FUNCTION members_key(t text) RETURNS bigint LANGUAGE sql IMMUTABLE AS $$
  SELECT hashtextextended('archivist members ' || t, 0)
$$;

-- A status that the platform does not document may be any text: events do not repeat it.
CREATE FUNCTION documented(status text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
  SELECT CASE
    WHEN status IN ('PROCESSING', 'ARTIFACT_GATHERING_COMPLETE', 'PACKING', 'AVAILABLE', 'FAILED', 'ABANDONED', 'EXPIRED')
      THEN status
    ELSE 'undocumented'
  END
$$;

-- Takes the members' lock (shared) if showing the archive in this conference would make it a new member of anything.
CREATE FUNCTION lock_members_for(t text, a text, conference text) RETURNS void LANGUAGE plpgsql VOLATILE AS $$
BEGIN
  IF NOT EXISTS (
    SELECT FROM archives
    WHERE tenant = t AND archive_id = a AND (conference IS NULL OR conference = ANY (conference_ids))
  ) THEN
    PERFORM pg_advisory_xact_lock_shared(members_key(t));
  END IF;
END
$$;

-- Whether an abandon would reach an archive: the platform was not told of it, or it has made, or restored, a file of it since.
CREATE FUNCTION is_reached(told timestamptz, status text) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
  SELECT told IS NULL OR coalesce(status NOT IN ('ABANDONED', 'EXPIRED'), false)
$$;

-- Whether an abandon of the conference `c` would reach an archive: it was ever shown in it, or its conference is unknown.
CREATE FUNCTION is_member(conferences text[], told timestamptz, status text, c text) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
  SELECT c IS NOT NULL AND (conferences @> ARRAY[c] AND is_reached(told, status) OR conferences = '{}' AND told IS NULL)
$$;

-- Whether the state says that there is a copy and that nothing but an abandon is left, also of what is reached once more.
CREATE FUNCTION is_kept(state text, told timestamptz) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
  SELECT state = 'secured' OR told IS NOT NULL AND state IN ('abandoned', 'closed')
$$;

-- The last moment of which is known that the platform had not been told: it gave the file, a list showed it AVAILABLE, or a record
-- did before an abandon was sent. Somebody else may have told it just after that.
CREATE FUNCTION last_untold(t text, a text, secured timestamptz, list bigint) RETURNS timestamptz LANGUAGE sql STABLE AS $$
  SELECT greatest(
    secured,
    (SELECT begun_at FROM lists WHERE id = list AND tenant = t),
    (SELECT max(begun_at) FROM abandons WHERE tenant = t AND members @> ARRAY[a])
  )
$$;

-- Writes what a record or a list showed of one archive, whatever the row's run, hold or decision is: facts only grow. Inserts
-- the row if it is new. Nothing is written if nothing is new. The caller holds the members' lock if `lock_members_for` says so.
-- `from_record`: the conference is the record's, and so comes first. `recheck` says how long after the platform may have been told
-- the copy is due to be verified again, `confirm` how long after this moment EXPIRED is to be confirmed.
CREATE FUNCTION note_shown(
  t text, a text, conference text, status text, from_record boolean, recheck interval, confirm interval
) RETURNS archives LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  was archives;
  r archives;
  is_new boolean := false;
  is_told_now boolean;
  is_back_now boolean;
  next_state text;
  clears boolean;
  is_over boolean;
  ids text[];
  moment timestamptz;
BEGIN
  SELECT * INTO was FROM archives WHERE tenant = t AND archive_id = a FOR UPDATE;
  IF NOT FOUND THEN
    INSERT INTO archives (tenant, archive_id, conference_ids, platform_status)
      VALUES (t, a, CASE WHEN conference IS NULL THEN '{}' ELSE ARRAY[conference] END, status)
      ON CONFLICT DO NOTHING;
    is_new := FOUND;
    SELECT * INTO STRICT was FROM archives WHERE tenant = t AND archive_id = a FOR UPDATE;
  END IF;
  moment := clock_timestamp();
  IF is_new THEN
    PERFORM append_event(t, a, 'ingestion start', 'success', jsonb_strip_nulls(jsonb_build_object(
      'state', was.state, 'platformStatus', documented(status), 'conferenceId', conference)));
  END IF;
  ids := CASE
    WHEN conference IS NULL THEN was.conference_ids
    WHEN from_record THEN array_prepend(conference, array_remove(was.conference_ids, conference))
    WHEN conference = ANY (was.conference_ids) THEN was.conference_ids
    ELSE array_append(was.conference_ids, conference)
  END;
  is_told_now := was.told_at IS NULL AND coalesce(status IN ('ABANDONED', 'EXPIRED'), false);
  IF was.platform_status IS NOT DISTINCT FROM status AND was.conference_ids = ids AND NOT is_told_now THEN
    RETURN was;
  END IF;
  is_back_now := is_reached(was.told_at, status) AND NOT is_reached(was.told_at, was.platform_status) AND was.state <> 'closed';
  next_state := CASE
    WHEN NOT is_told_now THEN was.state
    WHEN was.secured_at IS NOT NULL AND was.state IN ('secured', 'failed') THEN 'abandoned'
    -- Decided before there was a copy, and told by somebody else: nothing is left to decide.
    WHEN was.secured_at IS NULL AND was.decision IS NOT NULL AND was.state <> 'missed' THEN 'failed'
    ELSE was.state
  END;
  clears := next_state <> was.state AND (was.secured_at IS NULL OR was.fixity_ok);
  is_over := is_told_now AND (was.fixity_ok IS TRUE OR next_state = 'failed');
  UPDATE archives SET
    platform_status = status,
    conference_ids = ids,
    told_at = CASE WHEN is_told_now THEN moment ELSE was.told_at END,
    state = next_state,
    state_since = CASE WHEN next_state = was.state THEN was.state_since ELSE moment END,
    -- What kept the claim from the abandon is no longer of interest; that the copy is damaged still is.
    attention = CASE WHEN clears THEN NULL ELSE was.attention END,
    attention_since = CASE WHEN clears THEN NULL ELSE was.attention_since END,
    -- Ends the claim, but neither a rescue nor the repair of a copy that is known bad.
    ended_at = CASE WHEN is_over THEN coalesce(was.ended_at, moment) ELSE was.ended_at END,
    ended_reason = CASE WHEN is_over THEN coalesce(was.ended_reason, next_state) ELSE was.ended_reason END,
    fixity_due_at = CASE
      WHEN is_told_now AND was.secured_at IS NOT NULL
        THEN least(was.fixity_due_at, last_untold(t, a, was.secured_at, was.listed_in) + recheck)
      ELSE was.fixity_due_at
    END,
    confirm_due_at = CASE
      WHEN is_told_now AND status = 'EXPIRED' THEN moment
      WHEN is_told_now THEN moment + confirm
      WHEN status = 'EXPIRED' AND was.expired_at IS NULL THEN least(was.confirm_due_at, moment)
      -- The platform has restored it: another deletion is to be confirmed.
      WHEN is_back_now THEN coalesce(was.confirm_due_at, moment + confirm)
      ELSE was.confirm_due_at
    END
  WHERE tenant = t AND archive_id = a
  RETURNING * INTO r;
  -- Until its conference was known, it might have been in any: it kept all others from the abandon.
  IF was.conference_ids = '{}' AND was.told_at IS NULL AND (is_told_now OR r.conference_ids <> '{}') THEN
    PERFORM queue_kept_by_unknown(t);
  END IF;
  -- What was restored and not secured kept its conference from the abandon until it was told again.
  IF was.told_at IS NOT NULL AND is_reached(was.told_at, was.platform_status) AND NOT is_reached(was.told_at, status) THEN
    PERFORM queue_waiting_members(t, a);
  END IF;
  -- Its claim waits for a person, for hours, and nothing is left to do, or no time is left to wait. `ended_at` may still be the
  -- claim's before it, as a claim may need a person before it could begin.
  IF is_told_now AND was.attention IS NOT NULL THEN PERFORM queue_order(t, a); END IF;
  IF NOT is_new OR is_told_now THEN
    PERFORM append_event(t, a,
      CASE WHEN r.state = 'abandoned' AND was.state <> 'abandoned' THEN 'policy assignment' ELSE 'metadata modification' END,
      'success', jsonb_strip_nulls(jsonb_build_object(
        'state', r.state, 'platformStatus', documented(status), 'conferenceId', conference)));
  END IF;
  RETURN r;
END
$$;

-- What the platform's list shows of many archives. EXPIRED and unknown here gets no row: the file is gone and nobody had it.
CREATE FUNCTION show_archives(t text, shown jsonb, recheck interval, confirm interval)
RETURNS TABLE (archive_id text) LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  changed text[];
  one record;
BEGIN
  -- Without a lock: what is unchanged is most of a list, and is not written.
  SELECT array_agg(s.archive_id) INTO changed
  FROM jsonb_to_recordset(shown) AS s (archive_id text, conference_id text, status text)
    LEFT JOIN archives AS k ON k.tenant = t AND k.archive_id = s.archive_id
  WHERE k.archive_id IS NULL AND s.status <> 'EXPIRED'
    OR k.platform_status IS DISTINCT FROM s.status AND k.archive_id IS NOT NULL
    OR s.conference_id IS NOT NULL AND NOT s.conference_id = ANY (k.conference_ids)
    OR s.status IN ('ABANDONED', 'EXPIRED') AND k.archive_id IS NOT NULL AND k.told_at IS NULL;
  IF changed IS NULL THEN RETURN; END IF;
  PERFORM pg_advisory_xact_lock_shared(members_key(t));
  FOR one IN
    SELECT s.* FROM jsonb_to_recordset(shown) AS s (archive_id text, conference_id text, status text)
    WHERE s.archive_id = ANY (changed) ORDER BY s.archive_id COLLATE "C"
  LOOP
    PERFORM note_shown(t, one.archive_id, one.conference_id, one.status, false, recheck, confirm);
    archive_id := one.archive_id;
    RETURN NEXT;
  END LOOP;
END
$$;

-- Whether the key of a step's attempt is not lower than the row's: then the attempt may take the row over.
CREATE FUNCTION may_take(r archives, f_at bigint, f_run text, f_step integer, f_attempt integer)
RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
  SELECT (f_at, f_run COLLATE "C", f_step, f_attempt) >= (r.fence_at, r.run_id, r.step, r.attempt)
    AND (r.ended_at IS NULL OR r.run_id <> f_run)
$$;

-- Whether the row still belongs to this attempt.
CREATE FUNCTION owns(r archives, f_at bigint, f_run text, f_step integer, f_attempt integer)
RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
  SELECT (f_at, f_run COLLATE "C", f_step, f_attempt) = (r.fence_at, r.run_id, r.step, r.attempt) AND r.ended_at IS NULL
$$;

-- The first step of a claim, for each poll: writes what the record showed, takes the row over, and removes the archive from
-- the queue. A decision stands: then nothing but the facts is written. A deadline that passed a day ago is no obstacle.
CREATE FUNCTION begin_claim(
  t text, a text, f_at bigint, f_run text, f_step integer, f_attempt integer, deadline timestamptz,
  conference text, status text, checksum text, record_source bytea, record_json jsonb, is_available boolean,
  recheck interval, confirm interval
) RETURNS TABLE (verdict text, e archives) LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  r archives;
  is_new_run boolean;
  next_state text;
BEGIN
  PERFORM lock_members_for(t, a, conference);
  r := note_shown(t, a, conference, status, true, recheck, confirm);
  IF NOT may_take(r, f_at, f_run, f_step, f_attempt) THEN
    RETURN QUERY SELECT 'fenced', r;
    RETURN;
  END IF;
  -- Only now: what an attempt that is fenced off removed would be lost, and the record that it brings may be older.
  DELETE FROM queue WHERE tenant = t AND archive_id = a;
  IF r.secured_at IS NULL THEN
    INSERT INTO records (tenant, archive_id, source, record) VALUES (t, a, record_source, record_json)
      ON CONFLICT (tenant, archive_id) DO UPDATE
      SET source = excluded.source, record = excluded.record, fetched_at = clock_timestamp()
      WHERE records.source <> excluded.source;
  END IF;
  IF r.decision IN ('giveUp', 'cancelled')
    OR r.decision = 'deadline' AND (r.run_id = f_run OR r.decided_at > clock_timestamp() - interval '1 day') THEN
    RETURN QUERY SELECT r.decision, r;
    RETURN;
  END IF;
  is_new_run := r.run_id <> f_run;
  next_state := CASE
    WHEN r.secured_at IS NOT NULL THEN CASE WHEN r.state = 'failed' THEN 'secured' ELSE r.state END
    WHEN is_available THEN 'announced'
    ELSE 'waiting'
  END;
  UPDATE archives SET
    fence_at = f_at, run_id = f_run, step = f_step, attempt = f_attempt, is_repair = false,
    ended_at = NULL, ended_reason = NULL,
    -- A claim that goes on in another run keeps an extension that the run before had not heard of.
    deadline_at = CASE WHEN r.run_id = '' OR r.ended_at IS NOT NULL OR r.is_repair THEN deadline ELSE greatest(r.deadline_at, deadline) END,
    decision = NULL, decided_by = NULL, decided_at = NULL,
    sha256 = CASE WHEN r.secured_at IS NULL THEN checksum ELSE r.sha256 END,
    -- What the sweep says of a copy is not the claim's to clear.
    attention = CASE WHEN r.secured_at IS NOT NULL AND (NOT r.fixity_ok OR r.told_at IS NOT NULL) THEN r.attention END,
    attention_since = CASE WHEN r.secured_at IS NOT NULL AND (NOT r.fixity_ok OR r.told_at IS NOT NULL) THEN r.attention_since END,
    state = next_state,
    state_since = CASE WHEN next_state = r.state AND (NOT is_new_run OR r.secured_at IS NOT NULL) THEN r.state_since ELSE clock_timestamp() END
  WHERE tenant = t AND archive_id = a
  RETURNING * INTO r;
  IF is_new_run THEN
    PERFORM append_event(t, a, 'ingestion start', 'success', jsonb_strip_nulls(jsonb_build_object(
      'state', r.state, 'run', f_run, 'platformStatus', documented(status), 'sha256', checksum)));
  END IF;
  RETURN QUERY SELECT 'taken', r;
END
$$;

-- Every later step of a claim, and of a repair: raises the fence and moves between the states without a secured copy.
CREATE FUNCTION take_step(t text, a text, f_at bigint, f_run text, f_step integer, f_attempt integer, repairs boolean, next_state text, event_type text)
RETURNS TABLE (verdict text, e archives) LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  r archives;
  moves boolean;
  is_still boolean;
BEGIN
  SELECT * INTO r FROM archives WHERE tenant = t AND archive_id = a FOR UPDATE;
  IF NOT FOUND THEN
    RETURN QUERY SELECT 'unknown', r;
    RETURN;
  END IF;
  IF NOT may_take(r, f_at, f_run, f_step, f_attempt) THEN
    RETURN QUERY SELECT 'fenced', r;
    RETURN;
  END IF;
  -- A claim that is under way replaces its bad copy itself. One that has not moved for an hour may be lost: it is woken, or started
  -- again; but of what is held or decided none is started, and the repair goes on. Once the platform was told, time is short: a
  -- repair waits for nobody.
  IF repairs AND NOT r.is_repair AND r.ended_at IS NULL AND r.told_at IS NULL THEN
    is_still := greatest(r.state_since, to_timestamp(r.fence_at / 1000.0)) < clock_timestamp() - interval '1 hour';
    IF NOT is_still OR r.held_at IS NULL AND r.decision IS NULL THEN
      IF is_still THEN
        INSERT INTO queue (tenant, archive_id, origin) VALUES (t, a, 'retry') ON CONFLICT DO NOTHING;
      END IF;
      RETURN QUERY SELECT 'claimed', r;
      RETURN;
    END IF;
  END IF;
  -- What a person ended stays as it ended, even if a run was reset to before its next step.
  moves := next_state IS NOT NULL AND r.secured_at IS NULL AND r.state <> next_state AND r.decision IS NULL;
  UPDATE archives SET
    fence_at = f_at, run_id = f_run, step = f_step, attempt = f_attempt, is_repair = repairs,
    ended_at = NULL, ended_reason = NULL,
    state = CASE WHEN moves THEN next_state ELSE r.state END,
    state_since = CASE WHEN moves THEN clock_timestamp() ELSE r.state_since END
  WHERE tenant = t AND archive_id = a
  RETURNING * INTO r;
  IF moves THEN
    PERFORM append_event(t, a, event_type, 'success', jsonb_build_object('state', r.state));
  END IF;
  RETURN QUERY SELECT 'taken', r;
END
$$;

-- A fixity check that failed: a fact of the chain, and of the row. Without a secured copy it tells the next download not to rely
-- on a bag that was sealed and never recorded.
CREATE FUNCTION note_bad_copy(t text, a text, f_at bigint, f_run text, f_step integer, f_attempt integer, found_sha256 text, found_bytes bigint)
RETURNS text LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  r archives;
BEGIN
  SELECT * INTO r FROM archives WHERE tenant = t AND archive_id = a FOR UPDATE;
  IF NOT FOUND THEN RETURN 'unknown'; END IF;
  IF NOT owns(r, f_at, f_run, f_step, f_attempt) THEN RETURN 'fenced'; END IF;
  UPDATE archives SET
    fixity_ok = false, fixity_at = clock_timestamp(),
    -- A secured copy that is bad is for a person to see until it is repaired.
    attention = CASE WHEN r.secured_at IS NULL THEN r.attention ELSE 'CopyDamaged' END,
    attention_since = CASE
      WHEN r.secured_at IS NULL OR r.attention = 'CopyDamaged' THEN r.attention_since
      ELSE clock_timestamp()
    END
  WHERE tenant = t AND archive_id = a;
  PERFORM append_event(t, a, 'fixity check', 'failure',
    jsonb_strip_nulls(jsonb_build_object('sha256', found_sha256, 'sizeBytes', found_bytes)));
  RETURN 'taken';
END
$$;

-- Queues the archives of the row's conferences whose claims ended at `secured`: what kept them from the abandon may be gone.
-- A later statement than the one that removed the reason, while the row that had it is locked: none is overlooked. A lease
-- of the row ends: its holder does not know the news, and must not remove it.
CREATE FUNCTION queue_waiting_members(t text, a text) RETURNS integer LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  own archives;
  queued integer;
BEGIN
  SELECT * INTO STRICT own FROM archives WHERE tenant = t AND archive_id = a;
  INSERT INTO queue (tenant, archive_id, origin)
    SELECT t, m.archive_id, 'retry' FROM archives AS m
    WHERE m.tenant = t AND (m.archive_id = a OR m.conference_ids && own.conference_ids)
      -- A copy of the row's own archive may have been given up and claimed again meanwhile: nothing else would queue it.
      AND (m.state = 'secured' OR m.archive_id = a AND m.state = 'failed' AND m.secured_at IS NOT NULL)
      AND m.ended_at IS NOT NULL AND m.told_at IS NULL AND m.held_at IS NULL AND m.decision IS NULL
    ORDER BY m.archive_id
    ON CONFLICT (tenant, archive_id) DO UPDATE SET
      origin = CASE WHEN queue.origin = 'hint' THEN excluded.origin ELSE queue.origin END,
      due_at = least(queue.due_at, excluded.due_at),
      leased_by = NULL;
  GET DIAGNOSTICS queued = ROW_COUNT;
  RETURN queued;
END
$$;

-- Queues what was not abandoned since a conference was unknown, if none is any more.
CREATE FUNCTION queue_kept_by_unknown(t text) RETURNS void LANGUAGE sql VOLATILE AS $$
  INSERT INTO queue (tenant, archive_id, origin)
  SELECT t, archive_id, 'retry' FROM archives
  WHERE tenant = t AND state = 'secured' AND ended_reason = 'conferenceUnknown' AND told_at IS NULL AND held_at IS NULL
    AND decision IS NULL
    AND NOT EXISTS (SELECT FROM archives AS u WHERE u.tenant = t AND u.conference_ids = '{}' AND u.told_at IS NULL)
  ORDER BY archive_id
  ON CONFLICT (tenant, archive_id) DO NOTHING
$$;

-- Queues one archive because a person wants that, or no longer needs to look: before hints, and at once.
CREATE FUNCTION queue_order(t text, a text) RETURNS void LANGUAGE sql VOLATILE AS $$
  INSERT INTO queue (tenant, archive_id, origin) VALUES (t, a, 'order')
  ON CONFLICT (tenant, archive_id) DO UPDATE SET origin = 'order', due_at = least(queue.due_at, excluded.due_at), leased_by = NULL
$$;

-- The copy was read back, found right and sealed. Where there was a secured copy, only the same bytes count (a repair).
CREATE FUNCTION secure_copy(
  t text, a text, f_at bigint, f_run text, f_step integer, f_attempt integer,
  conference text, checksum text, bytes bigint, place text, finding text
) RETURNS text LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  was archives;
  next_state text;
  end_reason text;
  moment timestamptz;
BEGIN
  PERFORM lock_members_for(t, a, conference);
  SELECT * INTO was FROM archives WHERE tenant = t AND archive_id = a FOR UPDATE;
  IF NOT FOUND THEN RETURN 'unknown'; END IF;
  IF NOT owns(was, f_at, f_run, f_step, f_attempt) THEN RETURN 'fenced'; END IF;
  IF was.secured_at IS NOT NULL AND was.sha256 <> checksum THEN RETURN 'other'; END IF;
  moment := clock_timestamp();
  next_state := CASE
    WHEN was.state = 'closed' THEN 'closed'
    WHEN was.told_at IS NOT NULL THEN 'abandoned'
    -- What was given up stays so: a repair does not take it back, nor does a run that was reset to before this step.
    WHEN was.state = 'failed' THEN 'failed'
    ELSE 'secured'
  END;
  -- A claim goes on to the abandon, if that is left. A repair is over.
  end_reason := CASE
    WHEN was.told_at IS NOT NULL THEN 'abandoned'
    WHEN was.is_repair THEN 'repaired'
  END;
  UPDATE archives SET
    conference_ids = CASE
      WHEN conference IS NULL OR conference = ANY (was.conference_ids) THEN was.conference_ids
      ELSE array_append(was.conference_ids, conference)
    END,
    sha256 = checksum, size_bytes = bytes, location = place, warning = finding,
    secured_at = moment, fixity_ok = true, fixity_at = moment,
    attention = NULL, attention_since = NULL,
    state = next_state,
    state_since = CASE WHEN next_state = was.state THEN was.state_since ELSE moment END,
    ended_at = CASE WHEN end_reason IS NOT NULL THEN moment END,
    ended_reason = end_reason,
    -- What was told before there was a copy is due at once: nobody knows how long the platform still has its file.
    fixity_due_at = CASE WHEN was.told_at IS NOT NULL AND was.secured_at IS NULL THEN moment ELSE was.fixity_due_at END
  WHERE tenant = t AND archive_id = a;
  PERFORM append_event(t, a, 'fixity check', 'success', jsonb_build_object('sha256', checksum, 'sizeBytes', bytes));
  PERFORM append_event(t, a, CASE WHEN was.secured_at IS NULL THEN 'accession' ELSE 'recovery' END, 'success',
    jsonb_strip_nulls(jsonb_build_object('state', next_state, 'conferenceId', conference, 'sha256', checksum,
      'sizeBytes', bytes, 'location', place, 'warning', finding)));
  PERFORM queue_waiting_members(t, a);
  RETURN CASE WHEN was.secured_at IS NULL THEN 'secured' ELSE 'repaired' END;
END
$$;

-- Shows that a person should look. A claim that could not begin yet leaves the row to the one before it, whose end it would otherwise
-- take for its own, and never begin.
CREATE FUNCTION need_attention(t text, a text, f_at bigint, f_run text, f_step integer, f_attempt integer, reason text)
RETURNS text LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  r archives;
BEGIN
  SELECT * INTO r FROM archives WHERE tenant = t AND archive_id = a FOR UPDATE;
  IF NOT FOUND THEN RETURN 'unknown'; END IF;
  IF NOT may_take(r, f_at, f_run, f_step, f_attempt) THEN RETURN 'fenced'; END IF;
  IF r.ended_at IS NULL THEN
    UPDATE archives SET fence_at = f_at, run_id = f_run, step = f_step, attempt = f_attempt WHERE tenant = t AND archive_id = a;
  END IF;
  UPDATE archives SET
    attention_since = CASE WHEN r.attention = reason THEN r.attention_since ELSE clock_timestamp() END,
    attention = reason
  WHERE tenant = t AND archive_id = a;
  IF r.attention IS DISTINCT FROM reason THEN
    PERFORM append_event(t, a, 'appraisal', 'warning', jsonb_build_object('state', r.state, 'reason', reason));
  END IF;
  RETURN 'taken';
END
$$;

-- The end of a claim off its path: `failed` with a reason, or `missed` if the file expired before there was a copy. A secured
-- copy that is gone, of an archive that EXPIRED, is damage and not missed: the caller says so by `reason`.
CREATE FUNCTION end_claim(t text, a text, f_at bigint, f_run text, f_step integer, f_attempt integer, next_state text, reason text)
RETURNS text LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  r archives;
  final_state text;
BEGIN
  SELECT * INTO r FROM archives WHERE tenant = t AND archive_id = a FOR UPDATE;
  IF NOT FOUND THEN RETURN 'unknown'; END IF;
  -- An attempt whose answer got lost is made again.
  IF r.run_id = f_run AND r.ended_at IS NOT NULL AND r.ended_reason = reason THEN RETURN 'taken'; END IF;
  IF NOT may_take(r, f_at, f_run, f_step, f_attempt) THEN RETURN 'fenced'; END IF;
  final_state := CASE
    WHEN r.state IN ('abandoned', 'closed') THEN r.state
    WHEN next_state = 'missed' AND r.secured_at IS NOT NULL THEN r.state
    ELSE coalesce(next_state, r.state)
  END;
  UPDATE archives SET
    fence_at = f_at, run_id = f_run, step = f_step, attempt = f_attempt,
    ended_at = clock_timestamp(), ended_reason = reason,
    state = final_state,
    state_since = CASE WHEN final_state = r.state THEN r.state_since ELSE clock_timestamp() END,
    attention = CASE WHEN final_state IN ('failed', 'missed') THEN NULL ELSE r.attention END,
    attention_since = CASE WHEN final_state IN ('failed', 'missed') THEN NULL ELSE r.attention_since END
  WHERE tenant = t AND archive_id = a;
  IF final_state <> r.state THEN
    PERFORM append_event(t, a, 'ingestion end', 'failure', jsonb_build_object('state', final_state, 'reason', reason));
  END IF;
  RETURN 'taken';
END
$$;
