import { activityInfo, cancellationSignal } from '@temporalio/activity';
import type { AvailabilityOutcome, AwaitAvailableInput, SecuredArchive } from '../../domain/claim';
import { ArchivistError } from '../../domain/failures';
import type { ArchiveKey } from '../../domain/ids';
import { availabilityOf } from '../../domain/statuses';
import type { Fence, LedgerEntry } from '../../ledger/ledger';
import type { ArchiveRecord } from '../../domain/record';
import type { SealedCopy } from '../../store/archive-store';
import type { Dependencies } from '../dependencies';
import { fencedOff, fenceOf, isOwnEnd, STEPS } from '../fence';
import { expiryTerms, factsOf, securedIn } from './facts';
import { findWholeBag } from './sealed-bag';

/**
 * Fetches the record until its file can be downloaded, and begins the claim in the ledger with each poll. Polling is the retry of
 * this activity with the pause that it names, so that waiting leaves no trace in the history however long it lasts.
 *
 * @throws ArchivistError `NotYetAvailable` to poll; `ArchiveNotFound` for a 404 of an archive that the ledger knows; `ChecksumMissing`,
 * `RecordInvalid`, `PlatformFailed` and `CopyDamaged`, which need a person; `ArchiveMissed`, which ends the claim; `FencedOff`
 */
export function createAwaitAvailable(dependencies: Dependencies) {
  const { platformOf, ledger, store, settings, expiry } = dependencies;

  return async function awaitAvailable(
    key: ArchiveKey,
    { deadlineAt }: AwaitAvailableInput,
  ): Promise<AvailabilityOutcome> {
    const fence = fenceOf(STEPS.awaitAvailable);
    const record = await fetchUnlessUnknown(key);
    if ('outcome' in record) return record;
    const { verdict, entry } = await ledger.beginClaim(key, fence, {
      deadlineAt,
      record,
      expiry: expiryTerms(expiry),
    });
    if (verdict === 'fenced' && !isOwnEnd(entry, fence)) throw fencedOff(key);
    // A claim that an order, or an attempt whose answer was lost, has ended is not begun again by its own run.
    const decision = verdict === 'fenced' ? entry.decided?.decision : verdict;
    if (decision !== undefined && decision !== 'taken') return { outcome: 'decided', decision };
    return await judge(key, fence, record, entry);
  };

  /**
   * A 404 never means that an archive is gone. But one that neither a record nor a list ever showed gets no row, as its id may be
   * forged; and of one that is done, the platform may keep no record for ever.
   */
  async function fetchUnlessUnknown(key: ArchiveKey): Promise<ArchiveRecord | AvailabilityOutcome> {
    try {
      return await platformOf(key.tenant).fetchRecord(key, cancellationSignal());
    } catch (error) {
      if (!(error instanceof ArchivistError) || error.type !== 'ArchiveNotFound') throw error;
      const entry = await ledger.find(key);
      const secured = entry?.toldAt && securedIn(entry);
      if (entry && secured && (await findWholeBag(store, key))?.sha256 === secured.sha256)
        return { outcome: 'done', secured, state: doneState(entry) };
      if (entry !== undefined) throw error;
      await ledger.noteUnknown(key);
      return { outcome: 'unknown' };
    }
  }

  async function judge(
    key: ArchiveKey,
    fence: Fence,
    record: ArchiveRecord,
    entry: LedgerEntry,
  ): Promise<AvailabilityOutcome> {
    const bag = await findWholeBag(store, key);
    const secured = securedIn(entry);
    // A told archive's damaged copy is repaired by a workflow of its own.
    const inPlace = secured !== undefined && bag?.sha256 === secured.sha256 ? secured : undefined;
    if (inPlace && entry.toldAt !== undefined) return await finish(key, fence, inPlace, entry);
    if (inPlace && entry.fixity?.ok === true)
      return { outcome: 'secured', secured: inPlace, deadlineAt: deadlineOf(entry) };
    return availability(key, record, entry, bag);
  }

  /** What is left if no copy here is good. */
  function availability(
    key: ArchiveKey,
    record: ArchiveRecord,
    entry: LedgerEntry,
    bag: SealedCopy | undefined,
  ): AvailabilityOutcome {
    const name = `Archive ${key.archiveId} of ${key.tenant}`;
    const toDownload = (urgent: boolean): AvailabilityOutcome => {
      const requireChecksum =
        !urgent && settings.requireChecksum && !entry.accepted.includes('withoutChecksum');
      const facts = factsOf(record, key, requireChecksum);
      return { outcome: 'available', facts, urgent, deadlineAt: deadlineOf(entry) };
    };
    switch (availabilityOf(record.status)) {
      case 'inProgress':
        throw new ArchivistError(
          'NotYetAvailable',
          `${name} is not available yet.`,
          pauseAfter(activityInfo().attempt),
        );
      case 'failed':
        throw new ArchivistError('PlatformFailed', `${name} could not be made by the platform.`);
      case 'available':
        return toDownload(false);
      case 'abandoned':
        // Soon there is nothing left to download: a copy without a checksum is better than none.
        return toDownload(true);
      case 'expired':
        if (entry.securedAt !== undefined)
          throw new ArchivistError(
            'CopyDamaged',
            `${name} expired, and its secured copy is damaged or gone.`,
          );
        // A claim that died between the seal and the ledger left a bag: it is proven like any other copy.
        if (record.sha256 === undefined ? bag !== undefined : bag?.sha256 === record.sha256)
          return toDownload(true);
        throw new ArchivistError(
          'ArchiveMissed',
          `${name} expired on the platform, and there is no copy of it here.`,
        );
    }
  }

  async function finish(
    key: ArchiveKey,
    fence: Fence,
    secured: SecuredArchive,
    entry: LedgerEntry,
  ): Promise<AvailabilityOutcome> {
    if (entry.ended === undefined) await ledger.endClaim(key, fence, { reason: 'abandoned' });
    return { outcome: 'done', secured, state: doneState(entry) };
  }

  /** Doubles with every attempt, from `claim.poll.initial` to `claim.poll.max`. */
  function pauseAfter(attempt: number): number {
    const { initial, max } = settings.poll;
    return Math.min(max, initial * 2 ** Math.min(attempt - 1, 30));
  }
}

function deadlineOf({ deadlineAt }: LedgerEntry): number {
  if (deadlineAt === undefined) throw new TypeError('A claim that began has no deadline in the ledger.');
  return deadlineAt.getTime();
}

function doneState({ state }: LedgerEntry): 'abandoned' | 'closed' {
  return state === 'closed' ? 'closed' : 'abandoned';
}
