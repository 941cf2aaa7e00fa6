import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { ArchivistError } from '../../domain/failures';
import type { TenantId } from '../../domain/ids';
import { generationLabel, type OurSubscription, type RegistrationResult } from '../../domain/subscriptions';
import { callbackAddress } from './callback-address';
import type { SubscriptionDependencies } from './dependencies';
import { currentIn, sha256Of, takeInventory, workingIn, type LiveGeneration } from './inventory';

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
export async function registerCallback(
  { platformOf, ledger, callbacks }: SubscriptionDependencies,
  tenant: TenantId,
  { after, spreadMs }: Registration,
  signal: AbortSignal,
): Promise<OurSubscription & { readonly alreadyThere: boolean }> {
  const there = await current();
  if (there) return { ...there, alreadyThere: true };
  const address = await callbackAddress(callbacks, tenant);
  const secret = randomBytes(SECRET_BYTES).toString('base64url');
  const generation = await ledger.addGeneration(tenant, sha256Of(secret));
  await sleep(spreadMs, undefined, { signal });
  // Another try, which was taken for dead, may have gone on meanwhile.
  const overtaken = await current();
  if (overtaken) return { ...overtaken, alreadyThere: true };
  const told = await platformOf(tenant).register(`${address}/${secret}`, signal);
  const subscriptionId = told ?? (await lookUp(generation));
  if (!(await ledger.noteSubscription(tenant, generation, subscriptionId))) throw unconfirmed(generation);
  return { generation, subscriptionId, alreadyThere: false };

  async function current(): Promise<OurSubscription | undefined> {
    const found = currentIn(await takeInventory({ platformOf, ledger }, tenant, signal), after);
    return found && ours(found);
  }

  /** The platform accepted, and did not say what it calls the subscription: if it lists, it is found by the secret's hash. */
  async function lookUp(wanted: number): Promise<string> {
    const { listed, generations } = await takeInventory({ platformOf, ledger }, tenant, signal);
    const found = generations.find((each) => each.generation === wanted)?.subscriptionId;
    if (found !== undefined) return found;
    if (listed) throw unconfirmed(wanted);
    throw new ArchivistError(
      'SubscriptionsUnsupported',
      `The platform registered the callback ${generationLabel(wanted)} of ${tenant}, and neither said its id nor lists subscriptions. Set the tenant's endpoints.subscriptions if there is such a list; else register by hand, and delete by hand what this has registered.`,
    );
  }
}

/**
 * Asks the platform whether it has a subscription that was just registered.
 * @returns `unknown` if it lists none: then its answer to the registration has to do
 * @throws ArchivistError `SubscriptionUnconfirmed` if it lists others only
 */
export async function confirmCallback(
  sources: Pick<SubscriptionDependencies, 'platformOf' | 'ledger'>,
  tenant: TenantId,
  { generation }: OurSubscription,
  signal: AbortSignal,
): Promise<RegistrationResult['listed']> {
  const inventory = await takeInventory(sources, tenant, signal);
  if (inventory.listed === undefined) return 'unknown';
  if (workingIn(inventory).some((each) => each.generation === generation)) return 'yes';
  throw new ArchivistError(
    'SubscriptionUnconfirmed',
    `The platform does not list the subscription ${generationLabel(generation)} of ${tenant} yet.`,
  );
}

/** The number of the newest generation that was ever registered; 0 if there is none. What a rotation makes is above it. */
export async function newestGeneration(
  { ledger }: Pick<SubscriptionDependencies, 'ledger'>,
  tenant: TenantId,
): Promise<number> {
  const generations = await ledger.listGenerations(tenant);
  return generations.findLast(({ registeredAt }) => registeredAt !== undefined)?.generation ?? 0;
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
