import { ArchivistError } from '../../domain/failures';
import type { ArchiveId, TenantId } from '../../domain/ids';
import type { ReconcileReport } from '../../domain/reconciliation';
import { platformConfirmedAbandon } from '../../domain/statuses';
import type { ExpiryTerms, Ledger } from '../../ledger/ledger';
import type { ListedArchive } from '../../platform/list';
import type { PlatformOf } from '../../platform/create-platform';

/** What a reading works with. */
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
  /** The pause after a list is so many times as long as the list took. */
  readonly pauseFactor: number;
  readonly longestPauseMs: number;
}

/** What one reading did; `failure` says why the list is not whole. */
export interface Reading {
  readonly report: ReconcileReport;
  readonly failure?: ArchivistError;
}

/** Archives that are written at a time. */
const BATCH = 1_000;

type Named = ListedArchive & { readonly archiveId: ArchiveId };

/**
 * Reads a tenant's list under the lease `id` of the ledger's `lists`, writes what it shows while it arrives, and ends it. What was
 * read before a list broke off is true and stays written; the list is whole only if it was understood to its end.
 * @throws ArchivistError `LedgerUnavailable`; what the platform does wrong is the reading's `failure`
 */
export async function readList(
  sources: ListSources,
  tenant: TenantId,
  id: string,
  times: ReadingTimes,
  signal: AbortSignal,
): Promise<Reading> {
  const { ledger } = sources;
  const limits = new Limits(ledger, id, times);
  const tally = new Tally(tenant);
  const end = (whole: boolean) =>
    ledger.endList(id, whole, { factor: times.pauseFactor, longestMs: times.longestPauseMs });
  try {
    await copyList(sources, tenant, id, tally, AbortSignal.any([signal, limits.signal]));
  } catch (error) {
    await end(false).catch(() => undefined);
    throw error;
  } finally {
    limits.stop();
  }
  const isWhole = tally.failure === undefined;
  if (!(await end(isWhole)) && isWhole) tally.failure = incomplete(tenant, 'its reader was too slow');
  return tally.reading();
}

/** One batch is written while the next one arrives. */
async function copyList(
  { platformOf, ledger, expiry }: ListSources,
  tenant: TenantId,
  id: string,
  tally: Tally,
  signal: AbortSignal,
): Promise<void> {
  let written = Promise.resolve();
  for await (const batch of batchesOf(platformOf(tenant).list(signal), tally)) {
    await written;
    written = ledger.noteListed(tenant, id, batch, expiry).then((noted) => tally.add(noted));
    written.catch(() => undefined);
  }
  await written;
}

async function* batchesOf(
  list: AsyncIterable<ListedArchive>,
  tally: Tally,
): AsyncGenerator<readonly Named[]> {
  let batch: Named[] = [];
  try {
    for await (const archive of list) {
      tally.see(archive);
      if (isNamed(archive)) batch.push(archive);
      if (batch.length < BATCH) continue;
      yield batch;
      batch = [];
    }
  } catch (error) {
    if (!(error instanceof ArchivistError)) throw error;
    tally.failure = error;
  }
  if (batch.length > 0) yield batch;
}

function isNamed(archive: ListedArchive): archive is Named {
  return archive.archiveId !== undefined;
}

class Tally {
  failure: ArchivistError | undefined;
  #listed = 0;
  #unusable = 0;
  #changed = 0;
  #queued = 0;
  #missed = 0;

  constructor(private readonly tenant: TenantId) {}

  /** An archive without a usable id may belong to any conference: while it has a file, no abandon may rely on the list. */
  see({ archiveId, status }: ListedArchive): void {
    this.#listed += 1;
    if (archiveId !== undefined) return;
    this.#unusable += 1;
    if (platformConfirmedAbandon(status)) return;
    this.failure ??= incomplete(this.tenant, 'it has archives whose ids cannot be used');
  }

  add(noted: { readonly changed: number; readonly queued: number; readonly missed: number }): void {
    this.#changed += noted.changed;
    this.#queued += noted.queued;
    this.#missed += noted.missed;
  }

  reading(): Reading {
    const { failure } = this;
    const report = {
      tenant: this.tenant,
      listed: this.#listed,
      changed: this.#changed,
      queued: this.#queued,
      missed: this.#missed,
      unusable: this.#unusable,
      ...(failure && { incomplete: failure.type }),
    };
    return { report, ...(failure && { failure }) };
  }
}

/** What stops a reading: its lease was lost, or it lasts too long. */
class Limits {
  readonly #stop = new AbortController();
  readonly #renewal: NodeJS.Timeout;
  readonly #end: NodeJS.Timeout;

  constructor(
    private readonly ledger: Ledger,
    private readonly id: string,
    private readonly times: ReadingTimes,
  ) {
    this.#renewal = setInterval(() => void this.#renew(), times.renewEveryMs);
    this.#end = setTimeout(() => this.#abort('it took too long'), times.longestReadingMs);
  }

  get signal(): AbortSignal {
    return this.#stop.signal;
  }

  stop(): void {
    clearInterval(this.#renewal);
    clearTimeout(this.#end);
  }

  /** A ledger that does not answer is no loss yet: the lease may be renewed the next time, and the end asks again. */
  async #renew(): Promise<void> {
    const isOurs = await this.ledger.renewList(this.id, this.times.leaseMs).catch(() => true);
    if (!isOurs) this.#abort('another reader has begun');
  }

  #abort(why: string): void {
    this.#stop.abort(new ArchivistError('ListIncomplete', `The reading of a list was stopped: ${why}.`));
  }
}

function incomplete(tenant: TenantId, why: string): ArchivistError {
  return new ArchivistError('ListIncomplete', `The list of archives of ${tenant} does not count: ${why}.`);
}
