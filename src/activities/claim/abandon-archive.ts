import { randomUUID } from 'node:crypto';
import { cancellationSignal } from '@temporalio/activity';
import type { AbandonObstacle, AbandonOutcome } from '../../domain/claim';
import { ArchivistError } from '../../domain/failures';
import type { ArchiveKey, ConferenceId } from '../../domain/ids';
import { availabilityOf, isDocumented, platformConfirmedAbandon } from '../../domain/statuses';
import type { Fence, LedgerEntry } from '../../ledger/ledger';
import type { ArchiveRecord } from '../../domain/record';
import type { AbandonTimes, Dependencies } from '../dependencies';
import { fencedOff, fenceOf, isOwnEnd, STEPS, takeStepOrEnd } from '../fence';
import { whileAlive } from '../heartbeats';
import { expiryTerms } from './facts';
import { membersOf, noteToldMembers, proveMembers, type Reach } from './members';
import { Lease, sendAbandon, unconfirmed } from './send-abandon';

const USUAL_TIMES: AbandonTimes = {
  leaseMs: 30_000,
  answerMs: 5_000,
  fixityFreshMs: 24 * 60 * 60_000,
  listAgeMs: 60 * 60_000,
};
/** Milliseconds until the records are read again if another request of the conference was sent a moment ago. */
const IN_FLIGHT_PAUSE_MS = 5_000;
/** So often an attempt prepares anew what the judgement found too old. */
const MOST_ROUNDS = 3;

const OBSTACLES: readonly string[] = [
  'notSecured',
  'conferenceUnknown',
  'held',
  'decided',
  'warning',
  'copyOnly',
] satisfies AbandonObstacle[];

/**
 * Tells the platform that it may delete its file. `docs/architecture.md` has the protocol: prepare, intend, send once, read the
 * records. From the intent on nothing is cancelled, as what was authorised may take effect.
 *
 * @throws ArchivistError what is retried: `AbandonUnconfirmed`, `AbandonInFlight`, `FencedOff`, `ListIncomplete`; `CopyMissing` and
 * `ChecksumMismatch` if the own copy is not good any more; `RecordInvalid`; what platform, store and ledger throw
 */
export function createAbandonArchive(dependencies: Dependencies, times: Partial<AbandonTimes> = {}) {
  const { platformOf, ledger, lists, settings, workerId } = dependencies;
  const { leaseMs, answerMs, fixityFreshMs, listAgeMs } = { ...USUAL_TIMES, ...times };

  return async function abandonArchive(key: ArchiveKey): Promise<AbandonOutcome> {
    const fence = fenceOf(STEPS.abandonArchive);
    const entry = await takeStepOrEnd(ledger, key, fence);
    const earlier = earlierOutcome(entry, fence);
    return earlier ?? (await whileAlive(() => abandonOnce(key, fence, entry)));
  };

  async function abandonOnce(key: ArchiveKey, fence: Fence, entry: LedgerEntry): Promise<AbandonOutcome> {
    // Every list that there is began before the copy was secured: nothing is worth looking at before the next one.
    if (fence.attempt === 1 && needsList(key, entry)) await lists.next(key.tenant, cancellationSignal());
    const record = await platformOf(key.tenant).fetchRecord(key, cancellationSignal());
    if (platformConfirmedAbandon(record.status)) {
      await noteTold(key, record.status, entry);
      return { outcome: 'abandoned' };
    }
    const conferenceId = await conferenceOf(record, entry);
    const usual = Date.now() - fixityFreshMs;
    for (let [round, since] = [0, usual]; round < MOST_ROUNDS; round += 1) {
      const verdict = await judgeAndSend(key, fence, conferenceId, since);
      if (verdict === 'abandoned') return { outcome: verdict };
      if (verdict !== 'fixity' && verdict !== 'listTooOld') return { outcome: 'waits', waitsFor: verdict };
      // By the database's clock a check is too old, whatever this clock says: then all are made again, once.
      since = verdict === 'fixity' ? Infinity : usual;
      if (verdict === 'fixity') continue;
      if (round === MOST_ROUNDS - 1) throw listLacks(key);
      await lists.next(key.tenant, cancellationSignal());
    }
    throw unconfirmed(key, 'what it relies on was too old again and again');
  }

  /** Whether only a list may be missing, by what the archive's own row says. */
  function needsList({ tenant }: ArchiveKey, { held, decided, abandonWanted }: LedgerEntry): boolean {
    const mayBeAbandoned = !held && !decided && (settings.abandon || abandonWanted !== undefined);
    return mayBeAbandoned && platformOf(tenant).abandonsConferences;
  }

  /** Prepares, and sends the request if the ledger authorises it. */
  async function judgeAndSend(
    key: ArchiveKey,
    fence: Fence,
    conferenceId: ConferenceId,
    since: number,
  ): Promise<'abandoned' | 'fixity' | 'listTooOld' | AbandonObstacle> {
    const reach = reachOf(key, conferenceId);
    const members = await proveMembers(dependencies, reach, since);
    const request = await platformOf(key.tenant).openAbandon(key, conferenceId, cancellationSignal());
    try {
      const flightId = randomUUID();
      const lease = new Lease(leaseMs);
      const { abandon } = settings;
      const terms = { flightId, worker: workerId, copyOnly: !abandon, leaseMs, fixityFreshMs, listAgeMs };
      const conference = reach.conferenceId === undefined ? {} : { conferenceId: reach.conferenceId };
      const verdict = await ledger
        .intend(key, fence, { ...terms, ...conference })
        .catch((error: unknown) => giveUpUnsent(flightId, error));
      if (verdict === 'fenced') throw fencedOff(key);
      if (verdict === 'inFlight') throw inFlight(key);
      if (verdict !== 'intended') return verdict === 'told' ? 'abandoned' : verdict;
      const archiveIds = members.map(({ archiveId }) => archiveId);
      await sendAbandon(dependencies, { id: flightId, key, members: archiveIds, lease }, request, answerMs);
      return 'abandoned';
    } finally {
      request.close();
    }
  }

  /** The answer to the intent was lost: a flight that was begun all the same has sent nothing. */
  async function giveUpUnsent(flightId: string, error: unknown): Promise<never> {
    await ledger.endFlight(flightId, 'unsent').catch(() => undefined);
    throw error;
  }

  /** The conference that the record names: the abandon addresses it, and the ledger must know it before it judges. */
  async function conferenceOf(
    { status, sha256, conferenceId }: ArchiveRecord,
    entry: LedgerEntry,
  ): Promise<ConferenceId> {
    if (availabilityOf(status) !== 'available') {
      // A status that is not documented may be any text.
      const shown = isDocumented(status) ? status : 'a status that is not documented';
      throw unconfirmed(entry, `the platform shows ${shown}`);
    }
    if (conferenceId === undefined || (sha256 ?? entry.sha256) !== entry.sha256) {
      throw new ArchivistError(
        'RecordInvalid',
        `The record of archive ${entry.archiveId} of ${entry.tenant} changed after its copy was secured.`,
      );
    }
    if (!entry.conferenceIds.includes(conferenceId)) await ledger.noteShown(entry, { status, conferenceId });
    return conferenceId;
  }

  /** The platform was told before: also of the others, which the record of each shows. */
  async function noteTold(key: ArchiveKey, status: string, { conferenceId }: LedgerEntry): Promise<void> {
    await ledger.noteTold(
      key.tenant,
      [{ archiveId: key.archiveId, status }],
      expiryTerms(dependencies.expiry),
    );
    if (conferenceId === undefined) return;
    const others = (await membersOf(dependencies, reachOf(key, conferenceId)))
      .filter(({ archiveId, conferenceIds }) => conferenceIds.length > 0 && archiveId !== key.archiveId)
      .map(({ archiveId }) => archiveId);
    await noteToldMembers(dependencies, key.tenant, others, cancellationSignal());
  }

  function reachOf(key: ArchiveKey, conferenceId: ConferenceId): Reach {
    return { key, ...(platformOf(key.tenant).abandonsConferences && { conferenceId }) };
  }
}

/** A list that leaves the archive out may leave out others of its conference: no abandon relies on it. */
function listLacks({ tenant, archiveId }: ArchiveKey): ArchivistError {
  return new ArchivistError(
    'ListIncomplete',
    `The platform's list lacks archive ${archiveId} of ${tenant}, and so perhaps others; nothing was abandoned on it.`,
  );
}

/** What an earlier attempt ended the claim with, if its answer was lost. */
function earlierOutcome(entry: LedgerEntry, fence: Fence): AbandonOutcome | undefined {
  if (entry.toldAt !== undefined) return { outcome: 'abandoned' };
  if (!isOwnEnd(entry, fence)) return undefined;
  const reason = entry.ended?.reason ?? '';
  return { outcome: 'waits', waitsFor: isObstacle(reason) ? reason : 'decided' };
}

function isObstacle(reason: string): reason is AbandonObstacle {
  return OBSTACLES.includes(reason);
}

function inFlight({ tenant, archiveId }: ArchiveKey): ArchivistError {
  return new ArchivistError(
    'AbandonInFlight',
    `An abandon of the conference of archive ${archiveId} of ${tenant} was sent a moment ago.`,
    IN_FLIGHT_PAUSE_MS,
  );
}
