-- Readings of the platform's list, and what the sweep writes. Locks: members' lock, rows by id, flights, chain heads.

-- Begins and renews are done one after the other, so that two readings never both have a lease that runs.
CREATE FUNCTION lists_key(t text) RETURNS bigint LANGUAGE sql IMMUTABLE AS $$
  SELECT hashtextextended('archivist lists ' || t, 0)
$$;

-- Begins a reading unless the lease of another one runs, or the pause after it, which `during_pause` ignores; NULL then. Only the
-- latest can have a lease that runs. Readings of long ago are forgotten.
CREATE FUNCTION begin_list(t text, who text, lease interval, during_pause boolean) RETURNS bigint LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  begun bigint;
BEGIN
  PERFORM pg_advisory_xact_lock(lists_key(t));
  IF (
    SELECT lease_until > clock_timestamp() AND NOT (during_pause AND ended_at IS NOT NULL)
    FROM lists WHERE tenant = t ORDER BY begun_at DESC, id DESC LIMIT 1
  ) THEN
    RETURN NULL;
  END IF;
  DELETE FROM lists WHERE tenant = t AND begun_at < clock_timestamp() - interval '7 days';
  INSERT INTO lists (tenant, reader, lease_until) VALUES (t, who, clock_timestamp() + lease) RETURNING id INTO begun;
  RETURN begun;
END
$$;

-- Lengthens a lease unless another reading has begun since, or this one has ended.
CREATE FUNCTION renew_list(reading bigint, lease interval) RETURNS boolean LANGUAGE plpgsql VOLATILE AS $$
BEGIN
  PERFORM pg_advisory_xact_lock(lists_key(tenant)) FROM lists WHERE id = reading;
  UPDATE lists AS l SET lease_until = clock_timestamp() + lease
    WHERE l.id = reading AND l.ended_at IS NULL
      AND NOT EXISTS (SELECT FROM lists AS newer WHERE newer.tenant = l.tenant AND newer.begun_at > l.begun_at);
  RETURN FOUND;
END
$$;

-- Ends a reading, once. Its lease goes on as the pause after it: `factor` times as long as it took, at most `longest`. A reading
-- whose lease has lapsed is not whole, and pauses nobody; false then.
CREATE FUNCTION end_list(reading bigint, is_whole boolean, factor double precision, longest interval)
RETURNS boolean LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  l lists;
  moment timestamptz;
BEGIN
  SELECT * INTO l FROM lists WHERE id = reading AND ended_at IS NULL FOR UPDATE;
  IF NOT FOUND THEN RETURN false; END IF;
  moment := clock_timestamp();
  IF l.lease_until <= moment THEN
    UPDATE lists SET ended_at = moment WHERE id = reading;
    RETURN false;
  END IF;
  UPDATE lists SET
    ended_at = moment,
    whole = is_whole,
    lease_until = moment + least((moment - begun_at) * factor, longest)
  WHERE id = reading;
  RETURN true;
END
$$;

-- The fixity check of a sealed copy, by whoever read it back: recorded once, while the row is as it was read (`due`, `checked`, in
-- milliseconds). A right copy is due again `recheck` after the platform was told, if that is still to come, and when the platform's
-- deletion is confirmed, and closes the row after that. A bad one is due again after `retry`. Returns `stale`, `recorded`, `closed`, or `news`: bad, and nobody was told yet.
CREATE FUNCTION record_recheck(
  t text, a text, due timestamptz, checked timestamptz, verdict text, found_sha256 text, found_bytes bigint, retry interval,
  recheck interval
) RETURNS text LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  was archives;
  is_right boolean := verdict = 'whole';
  closes boolean;
  moment timestamptz;
BEGIN
  SELECT * INTO was FROM archives WHERE tenant = t AND archive_id = a FOR UPDATE;
  IF NOT FOUND OR was.secured_at IS NULL THEN RETURN 'stale'; END IF;
  IF date_trunc('milliseconds', was.fixity_due_at) IS DISTINCT FROM date_trunc('milliseconds', due)
    OR date_trunc('milliseconds', was.fixity_at) IS DISTINCT FROM date_trunc('milliseconds', checked) THEN
    RETURN 'stale';
  END IF;
  moment := clock_timestamp();
  closes := is_right AND was.state = 'abandoned' AND was.confirm_due_at IS NULL AND coalesce(was.expired_at < moment, false);
  UPDATE archives SET
    fixity_ok = is_right,
    fixity_at = moment,
    fixity_due_at = CASE
      WHEN NOT is_right THEN moment + retry
      -- What was looked at out of turn has its turn all the same, and daily until then: the platform may delete its file sooner.
      WHEN was.expired_at IS NULL AND was.told_at + recheck > moment
        THEN least(was.told_at + recheck, moment + interval '1 day')
    END,
    attention = CASE
      WHEN NOT is_right THEN 'CopyDamaged'
      WHEN closes OR was.attention = 'CopyDamaged' THEN NULL
      ELSE was.attention
    END,
    attention_since = CASE
      WHEN NOT is_right THEN CASE WHEN was.attention = 'CopyDamaged' THEN was.attention_since ELSE moment END
      WHEN closes OR was.attention = 'CopyDamaged' THEN NULL
      ELSE was.attention_since
    END,
    state = CASE WHEN closes THEN 'closed' ELSE was.state END,
    state_since = CASE WHEN closes THEN moment ELSE was.state_since END
  WHERE tenant = t AND archive_id = a;
  PERFORM append_event(t, a, 'fixity check', CASE WHEN is_right THEN 'success' ELSE 'failure' END,
    jsonb_strip_nulls(jsonb_build_object('verdict', verdict, 'sha256', found_sha256, 'sizeBytes', found_bytes)));
  -- What was put back from a backup no longer keeps its conference from the abandon.
  IF is_right AND NOT was.fixity_ok AND was.told_at IS NULL THEN PERFORM queue_waiting_members(t, a); END IF;
  IF closes THEN
    PERFORM append_event(t, a, 'ingestion end', 'success', jsonb_build_object(
      'state', 'closed', 'platformStatus', 'EXPIRED', 'sha256', was.sha256, 'sizeBytes', was.size_bytes,
      'expiredAt', to_char(was.expired_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
      'verifiedAt', to_char(moment AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')));
    RETURN 'closed';
  END IF;
  RETURN CASE WHEN NOT is_right AND was.attention IS DISTINCT FROM 'CopyDamaged' THEN 'news' ELSE 'recorded' END;
END
$$;

-- The record says EXPIRED: from now on the copy is the only one, and is due to be verified once more. Once, and again after the
-- platform has restored the file.
CREATE FUNCTION note_expired(t text, a text) RETURNS boolean LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  was archives;
  moment timestamptz;
BEGIN
  SELECT * INTO was FROM archives WHERE tenant = t AND archive_id = a FOR UPDATE;
  IF NOT FOUND OR was.expired_at IS NOT NULL AND was.confirm_due_at IS NULL THEN RETURN false; END IF;
  PERFORM note_shown(t, a, NULL, 'EXPIRED', false, interval '0', interval '0');
  moment := clock_timestamp();
  UPDATE archives SET
    expired_at = moment,
    confirm_due_at = NULL,
    fixity_due_at = CASE WHEN secured_at IS NOT NULL THEN moment END,
    attention = CASE WHEN is_of_expiry(attention) THEN NULL ELSE attention END,
    attention_since = CASE WHEN is_of_expiry(attention) THEN NULL ELSE attention_since END
  WHERE tenant = t AND archive_id = a;
  PERFORM append_event(t, a, 'deletion', 'success', jsonb_build_object('platformStatus', 'EXPIRED'));
  RETURN true;
END
$$;

-- Reasons for attention that a deletion, or news of it, clears.
CREATE FUNCTION is_of_expiry(reason text) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
  SELECT coalesce(reason IN ('ExpiryUnconfirmed', 'AbandonUndone'), false)
$$;

-- The record does not say EXPIRED yet.
CREATE FUNCTION postpone_confirmation(t text, a text, status text, due interval, reason text) RETURNS boolean LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  was archives;
  next_attention text;
BEGIN
  SELECT * INTO was FROM archives WHERE tenant = t AND archive_id = a FOR UPDATE;
  IF NOT FOUND OR was.confirm_due_at IS NULL THEN RETURN false; END IF;
  was := note_shown(t, a, NULL, status, false, interval '0', interval '0');
  -- That the copy is damaged is the more urgent reason.
  next_attention := CASE
    WHEN was.attention IS NOT NULL AND NOT is_of_expiry(was.attention) THEN was.attention
    ELSE reason
  END;
  UPDATE archives SET
    confirm_due_at = clock_timestamp() + due,
    attention = next_attention,
    attention_since = CASE
      WHEN next_attention IS NULL THEN NULL
      WHEN next_attention = was.attention THEN was.attention_since
      ELSE clock_timestamp()
    END
  WHERE tenant = t AND archive_id = a;
  IF next_attention IS NOT NULL AND next_attention IS DISTINCT FROM was.attention THEN
    PERFORM append_event(t, a, 'appraisal', 'warning', jsonb_build_object('state', was.state, 'reason', next_attention));
  END IF;
  RETURN true;
END
$$;
