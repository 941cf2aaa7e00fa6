import { activityInfo, cancellationSignal } from '@temporalio/activity';
import type { AvailabilityOutcome, AwaitAvailableInput } from '../../domain/claim';
import { ArchivistError, failureOf } from '../../domain/failures';
import type { ArchiveKey } from '../../domain/ids';
import { availabilityOf } from '../../domain/statuses';
import type { LedgerEntry } from '../../ledger/ledger';
import type { ArchiveRecord } from '../../domain/record';
import type { SealedCopy } from '../../store/archive-store';
import type { Dependencies } from '../dependencies';
import { fenceOf, isOwnEnd, requireOpen, STEPS } from '../fence';
import { factsOf, findWholeBag, needsChecksum, readRecord, securedIn } from './facts';

/**
 * Fetches the record until its file can be downloaded; each poll begins the claim in the ledger. To poll, Temporal retries
 * this activity after the delay that it asks for, so that waiting adds no events to the history, however long it lasts.
 *
 * @throws ArchivistError `NotYetAvailable` to poll; `ArchiveNotFound` for a 404 of an archive that the ledger knows; `ChecksumMissing`,
 * `RecordInvalid`, `PlatformFailed` and `CopyDamaged`, which need a person; `ArchiveMissed`, which ends the claim; `FencedOff`
 */
export async function awaitAvailable(
  { platformOf, ledger, store, settings, expiry }: Dependencies,
  key: ArchiveKey,
  { deadlineAt }: AwaitAvailableInput,
): Promise<AvailabilityOutcome> {
  const fence = fenceOf(STEPS.awaitAvailable);
  const record = await readRecord(platformOf, key, cancellationSignal());
  if (record instanceof ArchivistError) return await withoutRecord(record);
  const { verdict, entry } = await ledger.beginClaim(key, fence, { deadlineAt, record, expiry });
  if (verdict === 'fenced' && !isOwnEnd(entry, fence)) throw failureOf('FencedOff', key);
  // If an order, or an attempt whose answer was lost, has ended the claim, its own run does not begin it again.
  const decision = verdict === 'fenced' ? entry.decided?.decision : verdict;
  if (decision !== undefined && decision !== 'taken') return { outcome: 'decided', decision };
  // A person gave the archive up and claimed it again: this run has ended in the ledger, and the next one is queued.
  if (verdict === 'fenced' && entry.toldAt === undefined) requireOpen(key, entry, fence);

  const bag = await findWholeBag(store, key);
  const secured = securedIn(entry);
  const inPlace = secured !== undefined && bag?.sha256 === secured.sha256 ? secured : undefined;
  // `repairCopy`, not this claim, repairs a damaged copy of a told archive.
  const done = entry.ended === undefined ? inPlace : secured;
  if (done && entry.toldAt !== undefined) {
    if (entry.ended === undefined) await ledger.endClaim(key, fence, { reason: 'abandoned' });
    return { outcome: 'done', secured: done, state: doneState(entry) };
  }
  if (inPlace && entry.fixity?.ok === true)
    return { outcome: 'secured', secured: inPlace, deadlineAt: deadlineOf(entry) };
  return availability(record, entry, bag);

  /**
   * Neither a claim that a person ended needs a record, nor a done archive, whose record the platform may have dropped. A 404 never
   * means that an archive is gone. But an archive that no record and no list ever showed gets no row, as its id may be forged.
   */
  async function withoutRecord(failure: ArchivistError): Promise<AvailabilityOutcome> {
    const known = await ledger.noteUnread(key);
    const decision = known?.decided?.decision;
    if (decision === 'giveUp' || decision === 'cancelled') return { outcome: 'decided', decision };
    const told = known?.toldAt && securedIn(known);
    if (known && told && (await findWholeBag(store, key))?.sha256 === told.sha256)
      return { outcome: 'done', secured: told, state: doneState(known) };
    if (known !== undefined || failure.type !== 'ArchiveNotFound') throw failure;
    await ledger.noteUnknown(key);
    return { outcome: 'unknown' };
  }

  /** The outcome if there is no good copy here. */
  function availability(
    shown: ArchiveRecord,
    known: LedgerEntry,
    found: SealedCopy | undefined,
  ): AvailabilityOutcome {
    const toDownload = (urgent: boolean): AvailabilityOutcome => {
      const facts = factsOf(shown, key, !urgent && needsChecksum(settings, known));
      return { outcome: 'available', facts, urgent, deadlineAt: deadlineOf(known) };
    };
    switch (availabilityOf(shown.status)) {
      case 'inProgress':
        throw failureOf('NotYetAvailable', key, pauseAfter(activityInfo().attempt));
      case 'failed':
        throw failureOf('PlatformFailed', key);
      case 'available':
        return toDownload(false);
      case 'abandoned':
        // The platform deletes its file soon: a copy without a checksum is better than none.
        return toDownload(true);
      case 'expired':
        if (known.securedAt !== undefined) throw failureOf('CopyDamaged', key);
        // A claim that died between sealing and writing the ledger left a bag: it is verified like any other copy.
        if (shown.sha256 === undefined ? found !== undefined : found?.sha256 === shown.sha256)
          return toDownload(true);
        throw failureOf('ArchiveMissed', key);
    }
  }

  /** Doubles with every attempt, from `claim.poll.initial` to `claim.poll.max`. */
  function pauseAfter(attempt: number): number {
    return Math.min(settings.poll.max, settings.poll.initial * 2 ** (attempt - 1));
  }
}

function deadlineOf({ deadlineAt }: LedgerEntry): number {
  if (deadlineAt === undefined) throw new TypeError('A claim that began has no deadline in the ledger.');
  return deadlineAt.getTime();
}

function doneState({ state }: LedgerEntry): 'abandoned' | 'closed' {
  return state === 'closed' ? 'closed' : 'abandoned';
}
