import { cancellationSignal } from '@temporalio/activity';
import type { AbandonOutcome, SecuredArchive } from '../domain/claim';
import { ArchivistError, isRetryable } from '../domain/failures';
import { isArchiveId, isTenantId, type ArchiveKey, type TenantId } from '../domain/ids';
import type { OurSubscription } from '../domain/subscriptions';
import { abandonArchive } from './claim/abandon-archive';
import { awaitAvailable } from './claim/await-available';
import { downloadArchive } from './claim/download-archive';
import { endClaim, needAttention } from './claim/end-claim';
import { giveOrder, readOrders } from './claim/orders';
import { verifyCopy } from './claim/verify-copy';
import type { Dependencies } from './dependencies';
import { whileAlive } from './heartbeats';
import { nameFailures, unlessRefusedForLong, type IsRetried } from './name-failures';
import { reconcileArchives } from './reconciliation/reconcile-archives';
import type { SubscriptionDependencies } from './subscriptions/inventory';
import {
  confirmCallback,
  newestGeneration,
  registerCallback,
  type Registration,
} from './subscriptions/register';
import { deleteSuperseded, retireSecrets, type Extent, type Retirement } from './subscriptions/remove';
import { lookAtDeliveries } from './subscriptions/reports';
import { beginRepair } from './sweep/begin-repair';
import { sweepDue } from './sweep/sweep-due';

export type Activities = ReturnType<typeof createActivities>;
export type SubscriptionActivities = ReturnType<typeof createSubscriptionActivities>;

/**
 * What workflows may call. Each activity may run any number of times, at the same time and in any order: an attempt that a later
 * one has taken over throws `FencedOff`, and is retried. Every failure is an `ApplicationFailure` of a type in `domain/failures.ts`.
 */
export function createActivities(dependencies: Dependencies) {
  return {
    awaitAvailable: forArchive(dependencies, awaitAvailable, (type, _, { patient }) =>
      patient === true ? isRetryable(type) : unlessRefusedForLong(type),
    ),
    // Task queue `archivist-transfers`, like `verifyCopy` and `beginRepair`.
    downloadArchive: forArchive(dependencies, downloadArchive, unlessRefusedForLong),
    verifyCopy: forArchive(dependencies, verifyCopy),
    // The secured copy is for those who read the history; what counts is what the ledger says of it.
    abandonArchive: forArchive<Dependencies, [secured: SecuredArchive], AbandonOutcome>(
      dependencies,
      abandonArchive,
      unlessRefusedForLong,
    ),
    endClaim: forArchive(dependencies, endClaim),
    needAttention: forArchive(dependencies, needAttention),
    readOrders: forArchive(dependencies, readOrders),
    giveOrder: forArchive(dependencies, giveOrder),
    reconcileArchives: forTenant(dependencies, reconcileArchives),
    sweepDue: forTenant(dependencies, sweepDue),
    // After the outcome `repair`, `downloadArchive` and `verifyCopy` do the rest.
    beginRepair: forArchive(dependencies, beginRepair),
    lookAtDeliveries: forTenant(dependencies, lookAtDeliveries),
  };
}

/** The steps of a rotation. */
export function createSubscriptionActivities(dependencies: SubscriptionDependencies) {
  return {
    newestGeneration: forTenant(dependencies, newestGeneration),
    registerCallback: forTenant(dependencies, (sources, tenant, wanted: Registration) =>
      whileAlive(() => registerCallback(sources, tenant, wanted, cancellationSignal())),
    ),
    confirmCallback: forTenant(dependencies, (sources, tenant, subscription: OurSubscription) =>
      confirmCallback(sources, tenant, subscription, cancellationSignal()),
    ),
    deleteSuperseded: forTenant(dependencies, (sources, tenant, extent: Extent) =>
      whileAlive(() => deleteSuperseded(sources, tenant, extent, cancellationSignal())),
    ),
    retireSecrets: forTenant(dependencies, (sources, tenant, retirement: Retirement) =>
      whileAlive(() => retireSecrets(sources, tenant, retirement, cancellationSignal())),
    ),
  };
}

/** Validates what names the archive: it becomes a path and a URL, and Temporal takes inputs from anybody. */
function forArchive<Sources, Args extends readonly unknown[], Result>(
  sources: Sources,
  activity: (sources: Sources, key: ArchiveKey, ...args: Args) => Promise<Result>,
  isRetried?: IsRetried<[key: ArchiveKey, ...Args]>,
) {
  return nameFailures(
    (key: ArchiveKey, ...args: Args) => activity(sources, parseKey(key), ...args),
    isRetried,
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

/** The same for an activity about a whole tenant. */
function forTenant<Sources, Args extends readonly unknown[], Result>(
  sources: Sources,
  activity: (sources: Sources, tenant: TenantId, ...args: Args) => Promise<Result>,
) {
  return nameFailures((tenant: TenantId, ...args: Args) => {
    if (isTenantId(tenant)) return activity(sources, tenant, ...args);
    throw new ArchivistError('InvalidInput', 'The activity was not given a tenant of the right form.');
  });
}
