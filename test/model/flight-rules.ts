import { rule } from './rule';

const CLAIMS = 'src/ledger/migrations/002.do.create-claim-functions.sql';
const ABANDON = 'src/ledger/migrations/003.do.create-abandon-functions.sql';
const ORDERS = 'src/ledger/migrations/004.do.create-order-functions.sql';
const LISTS = 'src/ledger/migrations/005.do.create-list-and-sweep-functions.sql';
const DECIDE = 'src/activities/claim/orders.ts';
const SEND = 'src/activities/claim/send-abandon.ts';
const SETTLE = 'src/activities/sweep/sweep-due.ts';

/** What orders and flights obey, once a request may be under way. */
export const FLIGHT_RULES = {
  lookLater: rule<boolean>(
    true,
    'an order locks and writes its row, then looks for flights in a later statement',
    ORDERS,
    'RETURN look(t, a, written)',
  ),
  lookConference: rule<boolean>(
    true,
    'it looks by each of its conferences',
    ORDERS,
    'conference_id = ANY (r.conference_ids)',
  ),
  lookUnknown: rule<boolean>(
    true,
    'it looks at all flights if its conference is unknown',
    ORDERS,
    "WHERE tenant = t AND r.conference_ids = '{}'",
  ),
  orderRecord: rule<boolean>(
    true,
    '"held" is said only after the record was read once more, after that look',
    DECIDE,
    'readRecord(platformOf, key, until)',
  ),
  lookedAt: rule<boolean>(
    true,
    'the record names a conference by which that look was made',
    DECIDE,
    'latest.entry?.conferenceIds.includes(conferenceId)',
  ),
  silentNever: rule<boolean>(
    true,
    'or the platform is silent, and no request that might touch it was ever begun',
    DECIDE,
    'latest.flightsEver === 0',
  ),
  recheck: rule<boolean>(
    true,
    'what is undecided is asked again, and never taken for held',
    DECIDE,
    "if (until.aborted) return 'undecided'",
  ),
  ownerEnds: rule<'refused' | 'ended'>(
    'refused',
    'the owner ends its flight only if it was never sent, or was refused',
    SEND,
    'function endIfWithoutEffect',
  ),
  resolve: rule<'settled' | 'dead' | 'gone'>(
    'settled',
    'others end it only when the settling time is over',
    SETTLE,
    'SETTLED_AFTER_MS = 24 * 60 * 60_000',
  ),
  resolveReads: rule<boolean>(true, 'and only after the records were read', SETTLE, "return 'unclear'"),
  resolveAll: rule<boolean>(
    true,
    "of all archives of the conference, not only of the flight's members",
    'src/ledger/sql/sweep.ts',
    'a.conference_ids @> ARRAY[f.conference_id]',
  ),
  toldEnds: rule<boolean>(
    false,
    'records that show ABANDONED do not end a flight: its request may still be under way',
    SEND,
    "answer.outcome === 'open') return",
  ),
  toldAnyway: rule<boolean>(
    true,
    "told is written whatever the row's state, hold or decision is",
    ABANDON,
    'FUNCTION note_told',
  ),
  oneFlight: rule<boolean>(
    false,
    'a flight forbids the next one for its lease only',
    ABANDON,
    'clock_timestamp() - lease',
  ),
  killIdle: rule<boolean>(
    true,
    'PostgreSQL ends a transaction that idles',
    'src/ledger/transaction.ts',
    'idle_in_transaction_session_timeout: 15_000',
  ),
  forgedRow: rule<boolean>(
    false,
    'an id gets no row before the platform has shown it',
    'src/activities/claim/await-available.ts',
    'ledger.noteUnknown(key)',
  ),
  lockFirst: rule<boolean>(
    true,
    "the members' lock comes before row locks, never after",
    CLAIMS,
    'PERFORM lock_members_for(t, a, conference)',
  ),
  sorted: rule<boolean>(
    true,
    'rows are locked in the order of their ids',
    LISTS,
    "Locks: members' lock, rows by id",
  ),
  bagFence: rule<boolean>(
    true,
    'an attempt of `verifyCopy` discards only the incoming file that its input names',
    'src/activities/claim/verify-copy.ts',
    'if (opened !== SEALED) await store.discard',
  ),
  settling: rule<boolean>(true, 'assumption: a request has its effect within the settling time, or never'),
  late: rule<boolean>(false, 'assumption: no platform acts on a request after the settling time'),
};
