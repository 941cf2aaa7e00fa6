import { cancellationSignal, heartbeat, log } from '@temporalio/activity';
import { ArchivistError } from '../domain/failures';
import type { ArchiveId, TenantId } from '../domain/ids';
import type { ReconcileReport, Repair } from '../domain/reconciliation';
import { isStarted } from '../domain/start-outcome';
import { availabilityOf } from '../domain/statuses';
import type { ListedArchive } from '../platform/list';
import { createStartClaims, type StartClaims } from './claim-starts';
import type { Dependencies } from './dependencies';
import { drainInbox } from './drain-inbox';
import { reconciliationMetrics as metrics } from './reconciliation-metrics';
import { Tally } from './reconciliation-tally';

/** Milliseconds between signs of life. */
const HEARTBEAT_MS = 5_000;
/** Archives of the list that are compared with the ledger at a time. */
const BATCH = 2_000;
/** Claims that are kept in mind until the list is through; what is more is found again by the next reconciliation. */
const MOST_STARTS = 10_000;
/** Archives that are recorded as missed at a time: where the ledger works in this process, nothing else does meanwhile. */
const MISSED_AT_A_TIME = 250;

/** An archive of the list that can be named. */
type Named = ListedArchive & { readonly archiveId: ArchiveId };

/**
 * Compares the platform's list with the ledger while it arrives, and starts the claims that are missing. What the platform deletes
 * soon is started at once, the rest when the list is through. Only what the list says counts: what it lacks means nothing, whether it
 * is whole or not.
 */
export function createReconcileArchives(dependencies: Dependencies) {
  return async function reconcileArchives(tenant: TenantId): Promise<ReconcileReport> {
    const tally = new Tally();
    const alive = setInterval(() => heartbeat(tally.report(tenant)), HEARTBEAT_MS);
    try {
      metrics.begin(tenant);
      await new Run(dependencies, tenant, tally).toItsEnd();
      metrics.end(tenant, tally);
      if (tally.incomplete === undefined) metrics.whole(tenant);
      return tally.report(tenant);
    } finally {
      clearInterval(alive);
    }
  };
}

/** One reconciliation. */
class Run {
  readonly #signal = cancellationSignal();
  readonly #startClaims: StartClaims;
  readonly #waiting = new Map<ArchiveId, Repair>();

  constructor(
    private readonly dependencies: Dependencies,
    private readonly tenant: TenantId,
    private readonly tally: Tally,
  ) {
    this.#startClaims = createStartClaims(dependencies, this.#signal);
  }

  async toItsEnd(): Promise<void> {
    const list = this.dependencies.platformOf(this.tenant).list(this.#signal);
    for await (const batch of this.#batches(list)) await this.#compare(batch);
    this.tally.fromInbox = await drainInbox(this.dependencies, this.#startClaims);
    const rest = [...this.#waiting].sort(([, a], [, b]) => urgency(b) - urgency(a));
    this.tally.left += (await this.#start(rest)).length;
  }

  /** What was read before the list broke off is true. */
  async *#batches(list: AsyncIterable<ListedArchive>): AsyncGenerator<readonly Named[]> {
    let batch: Named[] = [];
    try {
      for await (const archive of list) {
        this.tally.listed += 1;
        if (isNamed(archive)) batch.push(archive);
        else this.tally.unusable += 1;
        if (batch.length < BATCH) continue;
        yield batch;
        batch = [];
      }
    } catch (error) {
      this.#noteIncomplete(error);
    }
    if (batch.length > 0) yield batch;
  }

  #noteIncomplete(error: unknown): void {
    if (!(error instanceof ArchivistError)) throw error;
    this.#signal.throwIfAborted();
    this.tally.incomplete = error.type;
    metrics.incomplete(this.tenant);
    log.warn('The list is not whole: nothing is concluded from what it lacks', {
      tenant: this.tenant,
      reason: error.message,
    });
  }

  async #compare(batch: readonly Named[]): Promise<void> {
    const { ledger, settings } = this.dependencies;
    const listed = batch.map(({ archiveId, status }) => ({
      archiveId,
      availability: availabilityOf(status),
    }));
    const terms = { abandon: settings.abandon, room: MOST_STARTS - this.#waiting.size };
    const found = await ledger.compareWithList(this.tenant, listed, terms);
    const rescued: [ArchiveId, Repair][] = [];
    const missed = new Set<ArchiveId>();
    for (const { archiveId, need } of found) {
      if (need === 'missed') missed.add(archiveId);
      else if (need === 'left' || need === 'givenUp') this.tally[need] += 1;
      else if (need === 'rescued') rescued.push([archiveId, need]);
      else this.#keepInMind(archiveId, need);
    }
    for (const [archiveId, repair] of await this.#start(rescued)) this.#keepInMind(archiveId, repair);
    await this.#miss(batch.filter(({ archiveId }) => missed.has(archiveId)));
  }

  #keepInMind(archiveId: ArchiveId, repair: Repair): void {
    if (this.#waiting.size < MOST_STARTS) this.#waiting.set(archiveId, repair);
    else this.tally.left += 1;
  }

  /** @returns those that could not be started */
  async #start(wanted: readonly (readonly [ArchiveId, Repair])[]): Promise<[ArchiveId, Repair][]> {
    const keys = wanted.map(([archiveId, repair]) => ({ tenant: this.tenant, archiveId, repair }));
    // Counted one by one: this process may be killed before all are started.
    const outcomes = await this.#startClaims(keys, ({ repair }, outcome) => {
      if (outcome !== 'started') return;
      this.tally.started[repair] += 1;
      metrics.repaired(this.tenant, repair);
    });
    return keys
      .filter((key) => !isStarted(outcomes.get(key) ?? 'silent'))
      .map(({ archiveId, repair }) => [archiveId, repair]);
  }

  async #miss(archives: readonly Named[]): Promise<void> {
    for (let from = 0; from < archives.length; from += MISSED_AT_A_TIME) {
      const some = archives.slice(from, from + MISSED_AT_A_TIME);
      const missed = await this.dependencies.ledger.missListed(this.tenant, some);
      this.tally.missed += missed;
      metrics.missed(this.tenant, missed);
    }
  }
}

function isNamed(archive: ListedArchive): archive is Named {
  return archive.archiveId !== undefined;
}

function urgency(repair: Repair): number {
  return repair === 'rescued' ? 1 : 0;
}
