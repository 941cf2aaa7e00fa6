import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { cancellationSignal } from '@temporalio/activity';
import { ArchivistError } from '../../domain/failures';
import type { TenantId } from '../../domain/ids';
import { generationLabel, type OurSubscription } from '../../domain/subscriptions';
import { callbackAddress } from './callback-address';
import type { SubscriptionDependencies } from './dependencies';
import { currentIn, sha256Of, takeInventory, type LiveGeneration } from './inventory';
import { whileAlive } from './while-alive';

/** 256 bits. */
const SECRET_BYTES = 32;

export interface Registration {
  /** A generation above this one is wanted. */
  readonly after: number;
  /** Milliseconds until every gateway knows a secret that the ledger got just now. */
  readonly spreadMs: number;
}

/**
 * Registers a callback with a secret of its own. The secret is made here and is known nowhere else: the ledger gets its hash, and
 * all gateways know that before the platform is told the URL. Whatever an earlier try brought about is found by that hash, so
 * that this can be killed anywhere and done again.
 *
 * @returns the subscription, and whether it was there before this try
 */
export function createRegisterCallback({ platformOf, ledger, callbacks }: SubscriptionDependencies) {
  return async function registerCallback(
    tenant: TenantId,
    { after, spreadMs }: Registration,
  ): Promise<OurSubscription & { readonly alreadyThere: boolean }> {
    return await whileAlive(async () => {
      const signal = cancellationSignal();
      const there = await current(tenant, after, signal);
      if (there) return { ...there, alreadyThere: true };
      const address = await callbackAddress(callbacks, tenant);
      const secret = randomBytes(SECRET_BYTES).toString('base64url');
      const generation = await ledger.addGeneration(tenant, sha256Of(secret));
      await sleep(spreadMs, undefined, { signal });
      // Another try, which was taken for dead, may have gone on meanwhile.
      const overtaken = await current(tenant, after, signal);
      if (overtaken) return { ...overtaken, alreadyThere: true };
      const told = await platformOf(tenant).register(`${address}/${secret}`, signal);
      const subscriptionId = told ?? (await lookUp(tenant, generation, signal));
      if (!(await ledger.noteSubscription(tenant, generation, subscriptionId))) throw unconfirmed(generation);
      return { generation, subscriptionId, alreadyThere: false };
    });
  };

  async function current(tenant: TenantId, after: number, signal: AbortSignal) {
    const found = currentIn(await takeInventory({ platformOf, ledger }, tenant, signal), after);
    return found && ours(found);
  }

  /** The platform accepted, and did not say what it calls the subscription: where it lists, it is found by the secret's hash. */
  async function lookUp(tenant: TenantId, generation: number, signal: AbortSignal): Promise<string> {
    const { listed, generations } = await takeInventory({ platformOf, ledger }, tenant, signal);
    const subscriptionId = generations.find((each) => each.generation === generation)?.subscriptionId;
    if (subscriptionId !== undefined) return subscriptionId;
    if (listed) throw unconfirmed(generation);
    throw new ArchivistError(
      'SubscriptionsUnsupported',
      `The platform registered the callback ${generationLabel(generation)} of ${tenant}, and neither said its id nor lists subscriptions. Set the tenant's endpoints.subscriptions if there is such a list; else register by hand, and delete by hand what this has registered.`,
    );
  }
}

function ours({ generation, subscriptionId }: LiveGeneration): OurSubscription {
  return { generation, subscriptionId };
}

function unconfirmed(generation: number): ArchivistError {
  return new ArchivistError(
    'SubscriptionUnconfirmed',
    `It is not certain what became of the registration of ${generationLabel(generation)}.`,
  );
}
