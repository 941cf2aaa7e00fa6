import { ArchivistError } from '../../domain/failures';
import type { ArchiveId, TenantId } from '../../domain/ids';
import type { ReconcileReport } from '../../domain/reconciliation';
import { platformConfirmedAbandon } from '../../domain/statuses';
import type { ExpiryTerms, Ledger } from '../../ledger/ledger';
import type { ListedArchive } from '../../platform/record';
import type { PlatformOf } from '../../platform/create-platform';

/** The dependencies of a reading. */
export interface ListSources {
  readonly platformOf: PlatformOf;
  readonly ledger: Ledger;
  readonly expiry: ExpiryTerms;
  /** Names this process as the reader of a list. */
  readonly workerId: string;
}

/** Spans of a reading in milliseconds. */
export interface ReadingTimes {
  /** How long a reader may be silent before another one may begin. */
  readonly leaseMs: number;
  readonly renewEveryMs: number;
  /** How long a list may take. An older one does not support an abandon. */
  readonly longestReadingMs: number;
  /** The pause after a list, as a multiple of the time that the list took. */
  readonly pauseFactor: number;
  readonly longestPauseMs: number;
}

/** The result of reading the platform's list once. If the list is not whole, `failure` says why. */
export interface Reading {
  readonly report: ReconcileReport;
  readonly failure: ArchivistError | undefined;
}

/** Archives that one statement writes. */
const BATCH = 1_000;

type Named = ListedArchive & { readonly archiveId: ArchiveId };

/**
 * Reads a tenant's list under the lease `id` of the ledger's `lists`, records it while it arrives, and ends it. What was
 * read before a list broke off is true and stays recorded; the list is whole only if it was parsed to its end.
 * @throws ArchivistError `LedgerUnavailable`; a fault of the platform becomes the reading's `failure`
 */
export async function readList(
  { platformOf, ledger, expiry }: ListSources,
  tenant: TenantId,
  id: string,
  times: ReadingTimes,
  signal: AbortSignal,
): Promise<Reading> {
  const counts = { listed: 0, changed: 0, queued: 0, missed: 0, unusable: 0 };
  let failure: ArchivistError | undefined;
  // Stops the reading if the lease was lost, or if it lasts too long.
  const stopping = new AbortController();
  const renewal = setInterval(() => void renew(), times.renewEveryMs);
  const limit = setTimeout(() => stopping.abort(incomplete('it took too long')), times.longestReadingMs);
  try {
    await copyList(AbortSignal.any([signal, stopping.signal]));
  } catch (error) {
    await end(false).catch(() => undefined);
    throw error;
  } finally {
    clearInterval(renewal);
    clearTimeout(limit);
  }
  const isWhole = failure === undefined;
  if (!(await end(isWhole)) && isWhole) failure = incomplete('its reader was too slow');
  const why = failure && { incomplete: failure.type, problem: failure.message };
  return { report: { tenant, ...counts, ...why }, failure };

  function end(whole: boolean): Promise<boolean> {
    return ledger.endList(id, whole, { factor: times.pauseFactor, longestMs: times.longestPauseMs });
  }

  /** If the ledger does not answer, the lease is not lost yet: the next renewal may succeed, and `end` asks again. */
  async function renew(): Promise<void> {
    const isOurs = await ledger.renewList(id, times.leaseMs).catch(() => true);
    if (!isOurs) stopping.abort(incomplete('another reader has begun'));
  }

  /** One batch is written while the next one arrives. */
  async function copyList(reading: AbortSignal): Promise<void> {
    let written = Promise.resolve();
    for await (const batch of batchesOf(platformOf(tenant).list(reading))) {
      await written;
      written = write(batch);
      written.catch(() => undefined);
    }
    await written;
  }

  async function write(batch: readonly Named[]): Promise<void> {
    const { changed, queued, missed } = await ledger.noteListed(tenant, id, batch, expiry);
    counts.changed += changed;
    counts.queued += queued;
    counts.missed += missed;
  }

  async function* batchesOf(list: AsyncIterable<ListedArchive>): AsyncGenerator<readonly Named[]> {
    let batch: Named[] = [];
    try {
      for await (const archive of list) {
        counts.listed += 1;
        if (isNamed(archive)) batch.push(archive);
        else noteUnusable(archive);
        if (batch.length < BATCH) continue;
        yield batch;
        batch = [];
      }
    } catch (error) {
      if (!(error instanceof ArchivistError)) throw error;
      failure = error;
    }
    if (batch.length > 0) yield batch;
  }

  /** An archive without a usable id may belong to any conference: while it has a file, no abandon may rely on the list. */
  function noteUnusable({ status }: ListedArchive): void {
    counts.unusable += 1;
    if (!platformConfirmedAbandon(status)) failure ??= incomplete('it has archives whose ids cannot be used');
  }

  function incomplete(why: string): ArchivistError {
    return new ArchivistError('ListIncomplete', `The list of archives of ${tenant} does not count: ${why}.`);
  }
}

function isNamed(archive: ListedArchive): archive is Named {
  return archive.archiveId !== undefined;
}
