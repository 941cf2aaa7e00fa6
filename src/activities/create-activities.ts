import type {
  AbandonOutcome,
  ArchiveFacts,
  AvailabilityOutcome,
  AwaitAvailableInput,
  ClaimEnd,
  DownloadedCopy,
  SecuredArchive,
  StandingOrders,
} from '../domain/claim';
import { ArchivistError, isRetryable, type FailureType } from '../domain/failures';
import { isArchiveId, isTenantId, type ArchiveKey, type TenantId } from '../domain/ids';
import type { GivenOrder, OrderAnswer } from '../domain/orders';
import type { ReconcileReport } from '../domain/reconciliation';
import type { DeliveriesSeen } from '../domain/subscriptions';
import type { RepairBeginning, SweepBatch } from '../domain/sweep';
import { createAbandonArchive } from './claim/abandon-archive';
import { createAwaitAvailable } from './claim/await-available';
import { createDownloadArchive } from './claim/download-archive';
import { createEndClaim, createNeedAttention } from './claim/end-claim';
import { giveOrder, readOrders } from './claim/orders';
import { createVerifyCopy } from './claim/verify-copy';
import type { Dependencies } from './dependencies';
import { forTenant } from './for-tenant';
import { nameFailures, unlessRefusedForLong } from './name-failures';
import { createReconcileArchives } from './reconciliation/reconcile-archives';
import { createLookAtDeliveries } from './subscriptions/reports';
import { createBeginRepair } from './sweep/begin-repair';
import { createSweepDue } from './sweep/sweep-due';

/**
 * What workflows may call. Each activity may run any number of times, at the same time and in any order: an attempt that a later
 * one has taken over throws `FencedOff`, and is retried. Every failure is an `ApplicationFailure` of a {@link FailureType}.
 */
export interface Activities {
  /**
   * Fetches the record and begins the claim in the ledger. Polls by throwing `NotYetAvailable`, so that waiting leaves no trace
   * in the history.
   */
  awaitAvailable(key: ArchiveKey, input: AwaitAvailableInput): Promise<AvailabilityOutcome>;
  /** Brings the archive's bytes into the store, unsealed and unproven. Task queue `archivist-transfers`. */
  downloadArchive(key: ArchiveKey, facts: ArchiveFacts): Promise<DownloadedCopy>;
  /** Reads the copy back, opens the zip, seals the bag and records it as secured. Task queue `archivist-transfers`. */
  verifyCopy(key: ArchiveKey, facts: ArchiveFacts, copy: DownloadedCopy): Promise<SecuredArchive>;
  /** Tells the platform that it may delete its file, if that is safe for every archive of the conference. */
  abandonArchive(key: ArchiveKey, secured: SecuredArchive): Promise<AbandonOutcome>;
  /** Writes how a claim ended off its path. `cancelled` and `deadline` are orders, which stand from then on. */
  endClaim(key: ArchiveKey, end: ClaimEnd): Promise<void>;
  /** Shows in the ledger that a person should look at the claim, and why. */
  needAttention(key: ArchiveKey, reason: FailureType): Promise<void>;
  /** The orders that stand, for a claim that was signalled. */
  readOrders(key: ArchiveKey): Promise<StandingOrders>;
  /** Writes an order into the ledger and answers from it. */
  giveOrder(key: ArchiveKey, order: GivenOrder): Promise<OrderAnswer>;
  /** Reads the platform's list, writes what it shows and queues what is missing. */
  reconcileArchives(tenant: TenantId): Promise<ReconcileReport>;
  /** One batch of what the ledger says is due. */
  sweepDue(tenant: TenantId): Promise<SweepBatch>;
  /** The first step of a repair; after `repair`, downloadArchive and verifyCopy do the rest. */
  beginRepair(key: ArchiveKey): Promise<RepairBeginning>;
  /** Looks at the platform's delivery reports; `undefined` if there is no subscription of ours. */
  lookAtDeliveries(tenant: TenantId): Promise<DeliveriesSeen | undefined>;
}

export type { ClaimEnd };

export function createActivities(dependencies: Dependencies): Activities {
  return {
    awaitAvailable: forArchive(createAwaitAvailable(dependencies), (type, { patient }) =>
      patient === true ? isRetryable(type) : unlessRefusedForLong(type),
    ),
    downloadArchive: forArchive(createDownloadArchive(dependencies), unlessRefusedForLong),
    verifyCopy: forArchive(createVerifyCopy(dependencies)),
    abandonArchive: forArchive(
      createAbandonArchive(dependencies, dependencies.abandonTimes),
      unlessRefusedForLong,
    ),
    endClaim: forArchive(createEndClaim(dependencies)),
    needAttention: forArchive(createNeedAttention(dependencies)),
    readOrders: forArchive((key) => readOrders(dependencies, key)),
    giveOrder: forArchive((key, order: GivenOrder) => giveOrder(dependencies, key, order)),
    reconcileArchives: forTenant(createReconcileArchives(dependencies)),
    sweepDue: forTenant(createSweepDue(dependencies)),
    beginRepair: forArchive(createBeginRepair(dependencies)),
    lookAtDeliveries: forTenant(createLookAtDeliveries(dependencies)),
  };
}

/** Validates what names the archive: it becomes a path and a URL, and Temporal takes inputs from anybody. */
function forArchive<Args extends readonly unknown[], Result>(
  activity: (key: ArchiveKey, ...args: Args) => Promise<Result>,
  isRetried?: (type: FailureType, ...args: Args) => boolean,
) {
  return nameFailures(
    (key: ArchiveKey, ...args: Args) => activity(parseKey(key), ...args),
    isRetried && ((type, _, ...args) => isRetried(type, ...args)),
  );
}

function parseKey(key: unknown): ArchiveKey {
  const { tenant, archiveId } = (key ?? {}) as { readonly tenant?: unknown; readonly archiveId?: unknown };
  if (isTenantId(tenant) && isArchiveId(archiveId)) return { tenant, archiveId };
  throw new ArchivistError(
    'InvalidInput',
    'The activity was not given a tenant and an archive id of the right form.',
  );
}
