import { randomUUID } from 'node:crypto';
import { cancellationSignal } from '@temporalio/activity';
import { OBSTACLES, type AbandonObstacle, type AbandonOutcome } from '../../domain/claim';
import { ArchivistError, failureOf } from '../../domain/failures';
import { nameOf, type ArchiveKey, type ConferenceId } from '../../domain/ids';
import { availabilityOf, isDocumented, platformConfirmedAbandon } from '../../domain/statuses';
import type { Fence, LedgerEntry } from '../../ledger/ledger';
import type { ArchiveRecord } from '../../domain/record';
import type { AbandonTimes, Dependencies } from '../dependencies';
import { fenceOf, isOwnEnd, STEPS, takeStepOrEnd } from '../fence';
import { whileAlive } from '../heartbeats';
import {
  compareRecords,
  membersOf,
  noteToldMembers,
  proveMembers,
  requireSecuredBytes,
  unconfirmed,
  type Reach,
} from './members';
import { Lease, sendAbandon } from './send-abandon';

const USUAL_TIMES: AbandonTimes = {
  leaseMs: 30_000,
  answerMs: 5_000,
  fixityFreshMs: 24 * 60 * 60_000,
  listAgeMs: 60 * 60_000,
};
/** Milliseconds until the records are read again if another request of the conference was sent a moment ago. */
const IN_FLIGHT_PAUSE_MS = 5_000;
/** Milliseconds for which an abandon may rely on the records that it read: after that, the request is not sent. */
const RECORDS_COUNT_MS = 5 * 60_000;
/** The rounds of preparation and judgement that one attempt makes at most. */
const MOST_ROUNDS = 3;

/** Verdicts that ask for another round: a member was not looked at, or a fixity check or the list is too old. */
const WORK = ['unseen', 'fixity', 'listTooOld'] as const;
type Work = (typeof WORK)[number];

/**
 * Tells the platform that it may delete its file. `docs/architecture.md` has the protocol: prepare, intend, send once, read the
 * records. After the intent nothing is cancelled, because the authorised request may take effect.
 *
 * @throws ArchivistError retried: `AbandonUnconfirmed`, `AbandonInFlight`, `FencedOff`, `ListAwaited`, `ListIncomplete`;
 * `CopyMissing` and `ChecksumMismatch` if the own copy is damaged or gone; `RecordInvalid`; what platform, store and ledger throw
 */
export async function abandonArchive(dependencies: Dependencies, key: ArchiveKey): Promise<AbandonOutcome> {
  const { ledger, lists, settings, workerId, expiry } = dependencies;
  const { leaseMs, answerMs, fixityFreshMs, listAgeMs } = { ...USUAL_TIMES, ...dependencies.abandonTimes };
  const signal = cancellationSignal();
  const fence = fenceOf(STEPS.abandonArchive);
  const entry = await takeStepOrEnd(ledger, key, fence);
  const earlier = earlierOutcome(entry, fence);
  if (earlier) return earlier;
  const platform = dependencies.platformOf(key.tenant);
  let { conferenceId } = entry;
  return await whileAlive(abandonOnce);

  async function abandonOnce(): Promise<AbandonOutcome> {
    // Every list so far began before the copy was secured, so no abandon may rely on it: wait for the next one first.
    if (fence.attempt === 1 && needsList()) await lists.next(key.tenant, signal);
    const usual = Date.now() - fixityFreshMs;
    for (let [round, since] = [0, usual]; round < MOST_ROUNDS; round += 1) {
      const verdict = await judgeAndSend(since);
      if (verdict === 'abandoned') return { outcome: verdict };
      if (!isWork(verdict)) return { outcome: 'waits', waitsFor: verdict };
      // By the database's clock a check is too old, whatever this clock says: the next round repeats all checks.
      since = verdict === 'fixity' ? Infinity : usual;
      if (verdict !== 'listTooOld') continue;
      // A list that lacks the archive may also lack others of its conference: no abandon relies on it.
      if (round === MOST_ROUNDS - 1)
        throw new ArchivistError(
          'ListIncomplete',
          `Nothing was abandoned: no list that was read since the last change of its conference shows ${nameOf(key)}.`,
        );
      await lists.next(key.tenant, signal);
    }
    throw unconfirmed(key, 'what it relies on was too old again and again');
  }

  /** Whether, by the archive's own row, nothing but a list may be missing. */
  function needsList(): boolean {
    const { held, decided, abandonWanted } = entry;
    const mayBeAbandoned = !held && !decided && (settings.abandon || abandonWanted !== undefined);
    return mayBeAbandoned && platform.abandonsConferences;
  }

  /** Prepares, and sends the request if the ledger authorises it. Records come last, as reading copies may take hours. */
  async function judgeAndSend(since: number): Promise<'abandoned' | Work | AbandonObstacle> {
    if (conferenceId === undefined) throw failureOf('LedgerBehind', key);
    const reach = reachOf(conferenceId);
    const members = await proveMembers(dependencies, reach, since);
    const records = new Lease(RECORDS_COUNT_MS);
    const lookedAt = await compareRecords(dependencies, reach, members);
    const record = await platform.fetchRecord(key, signal);
    if (platformConfirmedAbandon(record.status)) {
      await noteTold(reach, record.status);
      return 'abandoned';
    }
    if ((await shownConference(record)) !== conferenceId) {
      // A request addresses the conference that the record names: the next round looks at the members of that one.
      conferenceId = record.conferenceId;
      return 'unseen';
    }
    const request = await platform.openAbandon(key, conferenceId, signal);
    try {
      const flightId = randomUUID();
      const lease = new Lease(leaseMs);
      const verdict = await ledger
        .intend(key, fence, {
          flightId,
          worker: workerId,
          lookedAt,
          copyOnly: !settings.abandon,
          leaseMs,
          fixityFreshMs,
          listAgeMs,
          ...(reach.conferenceId !== undefined && { conferenceId }),
        })
        .catch(async (error: unknown) => {
          // The ledger's answer was lost. If the flight was begun all the same, it has sent nothing.
          await ledger.endFlight(flightId, 'unsent').catch(() => undefined);
          throw error;
        });
      if (verdict === 'fenced') throw failureOf('FencedOff', key);
      if (verdict === 'inFlight') throw failureOf('AbandonInFlight', key, IN_FLIGHT_PAUSE_MS);
      if (verdict !== 'intended') return verdict === 'told' ? 'abandoned' : verdict;
      const archiveIds = members.map(({ archiveId }) => archiveId);
      const flight = { id: flightId, key, members: archiveIds, lease, records };
      await sendAbandon(dependencies, flight, request, answerMs);
      return 'abandoned';
    } finally {
      request.close();
    }
  }

  /** The conference that the record names; the ledger must know it before it judges. */
  async function shownConference(record: ArchiveRecord): Promise<ConferenceId> {
    const { status, conferenceId: shown } = record;
    if (availabilityOf(status) !== 'available') {
      // An undocumented status can be any text, so the message does not quote it.
      throw unconfirmed(
        key,
        `the platform shows ${isDocumented(status) ? status : 'a status that is not documented'}`,
      );
    }
    requireSecuredBytes(entry, record, settings);
    if (shown === undefined)
      throw new ArchivistError('RecordInvalid', `The record of ${nameOf(key)} names no usable conference.`);
    if (!entry.conferenceIds.includes(shown)) await ledger.noteShown(key, { status, conferenceId: shown });
    return shown;
  }

  /** Notes that the platform was told before, of this archive and of each other member whose record shows it. */
  async function noteTold(reach: Reach, status: string): Promise<void> {
    await ledger.noteTold(key.tenant, [{ archiveId: key.archiveId, status }], expiry);
    const others = (await membersOf(dependencies, reach))
      .filter(({ archiveId, conferenceIds }) => conferenceIds.length > 0 && archiveId !== key.archiveId)
      .map(({ archiveId }) => archiveId);
    await noteToldMembers(dependencies, key.tenant, others, signal);
  }

  function reachOf(conference: ConferenceId): Reach {
    return { key, ...(platform.abandonsConferences && { conferenceId: conference }) };
  }
}

function isWork(verdict: Work | AbandonObstacle): verdict is Work {
  return WORK.some((work) => work === verdict);
}

/** The outcome with which an earlier attempt ended the claim, if the answer to it was lost. */
function earlierOutcome(entry: LedgerEntry, fence: Fence): AbandonOutcome | undefined {
  if (entry.toldAt !== undefined) return { outcome: 'abandoned' };
  if (!isOwnEnd(entry, fence)) return undefined;
  const waitsFor = OBSTACLES.find((obstacle) => obstacle === entry.ended?.reason);
  return { outcome: 'waits', waitsFor: waitsFor ?? 'decided' };
}
