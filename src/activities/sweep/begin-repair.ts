import { activityInfo, cancellationSignal } from '@temporalio/activity';
import type { SecuredArchive } from '../../domain/claim';
import { ArchivistError, failureOf } from '../../domain/failures';
import { nameOf, type ArchiveKey } from '../../domain/ids';
import { availabilityOf } from '../../domain/statuses';
import type { RepairBeginning } from '../../domain/sweep';
import { examineCopy } from '../../store/examine-copy';
import { readRecord, securedIn } from '../claim/facts';
import type { LedgerEntry } from '../../ledger/ledger';
import type { Dependencies } from '../dependencies';
import { fenceOf, ownEntry, STEPS } from '../fence';
import { TransferReport } from '../heartbeats';

/** Milliseconds after which the sweep looks at a copy again whose repair has begun. */
const LOOK_AGAIN_MS = 6 * 60 * 60_000;

/**
 * The first step of a repair: unless a claim is under way, takes the archive over, asks whether the platform still has the file, and
 * reads the stored copy back once more. A copy that is whole ends the repair, whatever the record shows. While the record cannot be
 * read, this step does not read the copy either, as every retry would, and would add an event: a check recorded since counts.
 * The new copy must have the checksum that was secured.
 * @throws ArchivistError `InvalidInput` if no copy was ever secured; `NotYetAvailable` or `PlatformFailed` while the platform's file
 * cannot be downloaded
 */
export async function beginRepair(
  { ledger, store, platformOf, expiry }: Pick<Dependencies, 'ledger' | 'store' | 'platformOf' | 'expiry'>,
  key: ArchiveKey,
): Promise<RepairBeginning> {
  const signal = cancellationSignal();
  const fence = fenceOf(STEPS.awaitAvailable);
  const known = await ledger.find(key);
  const secured = known && securedIn(known);
  if (known === undefined || secured === undefined)
    throw new ArchivistError('InvalidInput', `There is no secured copy of ${nameOf(key)} to repair.`);
  const taken = await ledger.takeStep(key, fence);
  if (taken.verdict === 'claimed') return { outcome: 'claimed' };
  const entry = ownEntry(key, fence, taken);
  const record = await readRecord(platformOf, key, signal);
  if (record instanceof ArchivistError && !wasFoundWhole(entry)) throw record;
  if (record instanceof ArchivistError || (await isWhole(secured))) {
    await ledger.endClaim(key, fence, { reason: 'whole' });
    return { outcome: 'whole' };
  }
  const { status: platformStatus } = record;
  switch (availabilityOf(platformStatus)) {
    case 'expired':
      await ledger.noteExpired(key);
      await ledger.endClaim(key, fence, { reason: 'CopyDamaged' });
      return { outcome: 'lost' };
    case 'available':
    case 'abandoned': {
      const { conferenceId, sha256 } = secured;
      return { outcome: 'repair', facts: { conferenceId, sha256, platformStatus } };
    }
    case 'inProgress':
      throw failureOf('NotYetAvailable', key);
    case 'failed':
      throw failureOf('PlatformFailed', key);
  }

  /** Reads the copy and records the check. A damaged copy may have been restored since. */
  async function isWhole(copy: SecuredArchive): Promise<boolean> {
    const report = new TransferReport(copy.sizeBytes);
    const onBytes = (bytes: number): void => report.add(bytes);
    const { verdict, found } = await examineCopy(store, key, copy, { signal, onBytes });
    const due = { retryMs: LOOK_AGAIN_MS, recheckMs: expiry.recheckMs };
    await ledger.recordRecheck(entry, { ...found, ...due, verdict });
    return verdict === 'whole';
  }
}

/** Whether another process has read the copy back, and found it whole, since this step was scheduled. */
function wasFoundWhole({ fixity }: LedgerEntry): boolean {
  return fixity?.ok === true && fixity.at.getTime() > activityInfo().scheduledTimestampMs;
}
