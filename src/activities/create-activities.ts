import { cancellationSignal } from '@temporalio/activity';
import type { AbandonOutcome, SecuredArchive } from '../domain/claim';
import { ArchivistError } from '../domain/failures';
import { isArchiveId, isTenantId, type ArchiveKey, type TenantId } from '../domain/ids';
import { abandonArchive } from './claim/abandon-archive';
import { awaitAvailable } from './claim/await-available';
import { downloadArchive } from './claim/download-archive';
import { endClaim, needAttention } from './claim/end-claim';
import { readOrders } from './claim/facts';
import { giveOrder } from './claim/orders';
import { verifyCopy } from './claim/verify-copy';
import type { Dependencies } from './dependencies';
import { whileAlive } from './heartbeats';
import { nameFailures } from './name-failures';
import { reconcileArchives } from './reconciliation/reconcile-archives';
import type { SubscriptionDependencies } from './subscriptions/inventory';
import { confirmCallback, newestGeneration, registerCallback } from './subscriptions/register';
import { deleteSuperseded, retireSecrets } from './subscriptions/remove';
import { lookAtDeliveries } from './subscriptions/reports';
import { beginRepair } from './sweep/begin-repair';
import { sweepDue } from './sweep/sweep-due';

export type Activities = ReturnType<typeof createActivities>;
export type SubscriptionActivities = ReturnType<typeof createSubscriptionActivities>;

/**
 * The activities that workflows call. Each may run any number of times, concurrently and in any order. An attempt whose row a
 * later one took over throws `FencedOff`, and is retried. Failures are `ApplicationFailure`s of types in `domain/failures.ts`.
 */
export function createActivities(dependencies: Dependencies) {
  return {
    awaitAvailable: forArchive(dependencies, awaitAvailable, (_, { patient }) => patient === true),
    // Task queue `archivist-transfers`, like `verifyCopy` and `beginRepair`.
    downloadArchive: forArchive(dependencies, downloadArchive),
    verifyCopy: forArchive(dependencies, verifyCopy),
    // The input shows the secured copy to readers of the history; the activity itself relies on the ledger.
    abandonArchive: forArchive<Dependencies, [secured: SecuredArchive], AbandonOutcome>(
      dependencies,
      abandonArchive,
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
    registerCallback: alive(registerCallback),
    confirmCallback: alive(confirmCallback),
    deleteSuperseded: alive(deleteSuperseded),
    retireSecrets: alive(retireSecrets),
  };

  function alive<Input, Result>(step: SubscriptionStep<Input, Result>) {
    return forTenant(dependencies, (sources, tenant, input: Input) =>
      whileAlive(() => step(sources, tenant, input, cancellationSignal())),
    );
  }
}

type SubscriptionStep<Input, Result> = (
  sources: SubscriptionDependencies,
  tenant: TenantId,
  input: Input,
  signal: AbortSignal,
) => Promise<Result>;

/** Validates the tenant and the archive id: they go into a path and a URL, and Temporal accepts inputs from any client. */
function forArchive<Sources, Args extends readonly unknown[], Result>(
  sources: Sources,
  activity: (sources: Sources, key: ArchiveKey, ...args: Args) => Promise<Result>,
  isPatient?: (key: ArchiveKey, ...args: Args) => boolean,
) {
  return nameFailures(
    (key: ArchiveKey, ...args: Args) => activity(sources, parseKey(key), ...args),
    isPatient,
  );
}

function parseKey(key: unknown): ArchiveKey {
  const { tenant, archiveId } = (key ?? {}) as { readonly tenant?: unknown; readonly archiveId?: unknown };
  if (isTenantId(tenant) && isArchiveId(archiveId)) return { tenant, archiveId };
  throw new ArchivistError(
    'InvalidInput',
    'The input of the activity is not a tenant and an archive id of the form that they must have.',
  );
}

/** Validates the tenant of an activity that handles a whole tenant. */
function forTenant<Sources, Args extends readonly unknown[], Result>(
  sources: Sources,
  activity: (sources: Sources, tenant: TenantId, ...args: Args) => Promise<Result>,
) {
  return nameFailures((tenant: TenantId, ...args: Args) => {
    if (isTenantId(tenant)) return activity(sources, tenant, ...args);
    throw new ArchivistError('InvalidInput', 'The input of the activity is not the name of a tenant.');
  });
}
