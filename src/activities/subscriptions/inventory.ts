import { createHash } from 'node:crypto';
import type { Config } from '../../config/load-config';
import { unless } from '../../domain/error-code';
import type { TenantId } from '../../domain/ids';
import { configuredSecretLabel } from '../../domain/subscriptions';
import type { Generation } from '../../ledger/sql/subscriptions';
import type { PlatformSubscription } from '../../platform/read-subscriptions';
import type { Dependencies } from '../dependencies';

/** The dependencies of the subscription activities. */
export type Sources = Pick<Dependencies, 'platformOf' | 'ledger'>;

/** For activities that register, or that must tell the configuration's secrets from a stranger's. */
export interface SubscriptionDependencies extends Sources {
  readonly callbacks: CallbackSettings;
}

export interface CallbackSettings {
  /** How the platform reaches the gateway. */
  readonly publicUrl?: string | undefined;
  readonly tenants: Config['tenants'];
  /** Resolves a host to all of its addresses. Tests pass another function. */
  readonly resolve?: (host: string) => Promise<readonly string[]>;
}

/** A tenant's subscriptions, as the platform lists them and as the ledger knows them. */
export interface Inventory {
  /** Absent if the platform lists no subscriptions. */
  readonly listed?: readonly PlatformSubscription[];
  /** The oldest first. */
  readonly generations: readonly Generation[];
}

/** A generation whose subscription is registered and to stay. */
export type LiveGeneration = Generation & { readonly subscriptionId: string };

/**
 * Reads the subscriptions from the platform and the ledger. If the platform lists a generation that is pending in the ledger,
 * a process has registered it and died before the answer came: this function adopts the subscription.
 */
export async function takeInventory(
  { platformOf, ledger }: Sources,
  tenant: TenantId,
  signal: AbortSignal,
): Promise<Inventory> {
  const listed = await unless(['SubscriptionsUnsupported'], platformOf(tenant).listSubscriptions(signal));
  const known = await ledger.listGenerations(tenant);
  let adopted = 0;
  for (const subscription of listed ?? []) {
    const { generation, subscriptionId, retiredAt } = generationOf(subscription, known) ?? {};
    if (generation === undefined || subscriptionId !== undefined || retiredAt) continue;
    await ledger.noteSubscription(tenant, generation, subscription.subscriptionId);
    adopted += 1;
  }
  const generations = adopted > 0 ? await ledger.listGenerations(tenant) : known;
  return { generations, ...(listed && { listed }) };
}

/** The newest generation that works, and is above `after`. */
export function currentIn(inventory: Inventory, after = 0): LiveGeneration | undefined {
  return workingIn(inventory).findLast((each) => each.generation > after);
}

/** The generations that work: registered, not superseded, and listed if the platform lists. */
export function workingIn({ listed, generations }: Inventory): LiveGeneration[] {
  const there = listed && new Set(listed.map((each) => generationOf(each, generations)?.generation));
  return generations.filter(isLive).filter(({ generation }) => there === undefined || there.has(generation));
}

export function isLive(generation: Generation): generation is LiveGeneration {
  return generation.subscriptionId !== undefined && !generation.supersededAt;
}

/** Which of our generations a subscription is: by its id, or by the hash of its URL's last segment. */
export function generationOf(
  { subscriptionId, url }: PlatformSubscription,
  generations: readonly Generation[],
): Generation | undefined {
  const sha256 = url === undefined ? undefined : sha256Of(secretIn(url));
  return (
    generations.find((each) => each.sha256 === sha256) ??
    generations.find((each) => each.subscriptionId === subscriptionId)
  );
}

/** The gateway's label for the configured secret in a callback's URL; `undefined` if the URL has none of them. */
export function configuredLabel(
  { tenants }: CallbackSettings,
  tenant: TenantId,
  url: string | undefined,
): string | undefined {
  if (url === undefined) return undefined;
  const secrets = tenants.get(tenant)?.callbackSecrets ?? [];
  const sha256 = sha256Of(secretIn(url));
  const index = secrets.findIndex((secret) => sha256Of(secret.reveal()) === sha256);
  return index < 0 ? undefined : configuredSecretLabel(index);
}

function secretIn(url: string): string {
  return URL.canParse(url) ? (new URL(url).pathname.split('/').at(-1) ?? '') : '';
}

export function sha256Of(secret: string): string {
  return createHash('sha256').update(secret).digest('hex');
}
