import { rule } from './rule';

const CLAIMS = 'src/ledger/migrations/002.do.create-claim-functions.sql';
const ABANDON = 'src/ledger/migrations/003.do.create-abandon-functions.sql';

/** What must hold for a request to be authorised, and how that is looked at. */
export const JUDGEMENT_RULES = {
  members: rule<boolean>(
    true,
    'every member is judged, not only the archive of the claim',
    ABANDON,
    'OR is_member(conference_ids, told_at, platform_status, c)',
  ),
  held: rule<boolean>(true, 'a held member forbids the abandon', ABANDON, 'bool_and(held_at IS NULL)'),
  decided: rule<boolean>(true, 'so does a decision against a member', ABANDON, 'bool_and(decision IS NULL)'),
  fixity: rule<boolean>(
    true,
    "so does a failed fixity check, if it is a member's latest",
    ABANDON,
    'fixity_ok IS TRUE',
  ),
  warning: rule<boolean>(
    true,
    'so does a finding that nobody accepted',
    ABANDON,
    'bool_and(NOT warns(warning, accepted))',
  ),
  copyOnly: rule<boolean>(
    true,
    'in copy-only mode every member has its own order',
    ABANDON,
    'copy_only IS FALSE OR abandon_wanted_at IS NOT NULL',
  ),
  failedCounts: rule<boolean>(
    true,
    'a status that may still become AVAILABLE counts as a file that can be lost',
    ABANDON,
    'bool_and(is_kept(state, told_at)',
  ),
  listFresh: rule<boolean>(
    true,
    'a whole list began after the last securing',
    ABANDON,
    'begun_at >= j.changed_at',
  ),
  listRelease: rule<boolean>(
    true,
    'it began after the last release',
    ABANDON,
    'greatest(secured_at, released_at',
  ),
  listWanted: rule<boolean>(
    true,
    'it began after the last abandon order',
    ABANDON,
    'released_at, abandon_wanted_at)',
  ),
  wholeLast: rule<boolean>(
    true,
    'a list is marked whole only after all that it showed was committed',
    'src/activities/reconciliation/read-list.ts',
    'await end(isWhole)',
  ),
  rowLocks: rule<boolean>(
    true,
    "`intend` locks the members' rows before it judges",
    ABANDON,
    'ORDER BY archive_id FOR UPDATE',
  ),
  lockInsert: rule<boolean>(
    true,
    "who inserts a row, or adds a conference to one, shares the members' lock",
    CLAIMS,
    'FUNCTION lock_members_for',
  ),
  lockIntend: rule<boolean>(
    true,
    "`intend` holds the members' lock alone",
    ABANDON,
    'pg_advisory_xact_lock(members_key(t))',
  ),
  unknownBlocks: rule<boolean>(
    true,
    'a row whose conference is unknown is a member of every conference',
    CLAIMS,
    "conferences = '{}' AND told IS NULL",
  ),
  restored: rule<boolean>(
    true,
    'a row that was told, and is shown with a file since, is a member again',
    CLAIMS,
    'conferences @> ARRAY[c] AND is_reached(told, status)',
  ),
  sticky: rule<boolean>(
    true,
    'an archive stays a member of every conference that it was ever shown in',
    CLAIMS,
    'array_append(was.conference_ids, conference)',
  ),
  runFence: rule<boolean>(true, 'an older run changes nothing', CLAIMS, 'FUNCTION may_take'),
  attemptFence: rule<boolean>(true, 'an older attempt changes nothing', CLAIMS, 'FUNCTION owns'),
};
