import { activityInfo, cancellationSignal } from '@temporalio/activity';
import type { AvailabilityOutcome, AvailabilityTerms, SecuredArchive } from '../domain/claim';
import { ArchivistError } from '../domain/failures';
import type { ArchiveKey } from '../domain/ids';
import { availabilityOf } from '../domain/statuses';
import type { Dependencies } from './dependencies';
import { factsOf, fetchRecord } from './fetch-record';
import { securedIn } from './secured-archive';

/**
 * Fetches the record until its file can be downloaded. Asking again is the retry of this activity, with the pause that it
 * names, so that waiting leaves no trace in the history however long it lasts.
 */
export function createAwaitAvailable(dependencies: Dependencies) {
  const { ledger, store, settings } = dependencies;

  return async function awaitAvailable(
    key: ArchiveKey,
    { acceptWithoutChecksum = false }: AvailabilityTerms = {},
  ): Promise<AvailabilityOutcome> {
    const entry = await ledger.find(key);
    const secured = securedIn(entry);
    if (secured && entry?.state === 'abandoned') return { outcome: 'done', secured };
    if (secured && entry?.state === 'closed') return { outcome: 'done', secured, closed: true };

    const record = await fetchRecord(dependencies, key, cancellationSignal()).catch(
      async (error: unknown) => {
        // What cannot be fetched is known all the same, and shows up in lists.
        if (entry === undefined) await ledger.progress(key, 'announced');
        throw error;
      },
    );
    const name = `Archive ${key.archiveId} of ${key.tenant}`;
    switch (availabilityOf(record.status)) {
      case 'inProgress':
        await ledger.progress(key, 'waiting');
        throw new ArchivistError(
          'NotYetAvailable',
          `${name} is not available yet.`,
          pauseAfter(activityInfo().attempt),
        );
      case 'failed':
        throw new ArchivistError('PlatformFailed', `${name} could not be made by the platform.`);
      case 'available':
        return {
          outcome: 'available',
          facts: factsOf(record, key, settings.requireChecksum && !acceptWithoutChecksum),
          hurry: false,
        };
      case 'abandoned':
        if (secured && (await isInStore(key, secured))) return await settle(key, secured, record.status);
        // Soon there is nothing left to download: a copy without a checksum is better than none.
        return { outcome: 'available', facts: factsOf(record, key, false), hurry: true };
      case 'expired':
        if (secured && (await isInStore(key, secured))) return await settle(key, secured, record.status);
        throw new ArchivistError(
          'ArchiveMissed',
          `${name} expired on the platform, and there is no copy of it here.`,
        );
    }
  };

  async function isInStore(key: ArchiveKey, secured: SecuredArchive): Promise<boolean> {
    const bag = await store.findSealed(key);
    return bag?.sha256 === secured.sha256;
  }

  /** The platform was told by a claim that died before it could write that down. */
  async function settle(
    key: ArchiveKey,
    secured: SecuredArchive,
    platformStatus: string,
  ): Promise<AvailabilityOutcome> {
    await ledger.abandon(key, platformStatus);
    return { outcome: 'done', secured };
  }

  /** Doubles with every attempt, from `claim.poll.initial` to `claim.poll.max`. */
  function pauseAfter(attempt: number): number {
    const { initial, max } = settings.poll;
    return Math.min(max, initial * 2 ** Math.min(attempt - 1, 30));
  }
}
