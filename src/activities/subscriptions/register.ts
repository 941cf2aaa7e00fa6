import { randomBytes } from 'node:crypto';
import { resolve4, resolve6 } from 'node:dns/promises';
import { isIP } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { isValid, parse, parseCIDR } from 'ipaddr.js';
import { isLoopback, withoutBrackets } from '../../config/web-address';
import { errorCode } from '../../domain/error-code';
import { ArchivistError } from '../../domain/failures';
import type { TenantId } from '../../domain/ids';
import { generationLabel, type OurSubscription, type RegistrationResult } from '../../domain/subscriptions';
import {
  currentIn,
  sha256Of,
  takeInventory,
  workingIn,
  type CallbackSettings,
  type Sources,
  type SubscriptionDependencies,
} from './inventory';

/** 256 bits. */
const SECRET_BYTES = 32;
/** The DNS errors for a name without addresses of one family. */
const NO_ADDRESSES = ['ENODATA', 'ENOTFOUND'];

export interface Registration {
  /** The registration needs a generation above this one. */
  readonly after: number;
  /** Milliseconds until every gateway knows a secret that was just written to the ledger. */
  readonly spreadMs: number;
}

/**
 * Registers a callback with a secret of its own. It makes the secret and stores it nowhere; the ledger gets a hash, and
 * all gateways know that before the platform gets the URL. The hash also finds what an earlier attempt has registered, so
 * that this can be killed anywhere and retried.
 *
 * @returns the subscription, and whether it was there before this attempt
 */
export async function registerCallback(
  { platformOf, ledger, callbacks }: SubscriptionDependencies,
  tenant: TenantId,
  { after, spreadMs }: Registration,
  signal: AbortSignal,
): Promise<OurSubscription & { readonly alreadyThere: boolean }> {
  const there = await current();
  if (there) return there;
  const address = await callbackAddress(callbacks, tenant);
  const secret = randomBytes(SECRET_BYTES).toString('base64url');
  const generation = await ledger.addGeneration(tenant, sha256Of(secret));
  await sleep(spreadMs, undefined, { signal });
  // Another attempt, which Temporal took for dead, may have gone on meanwhile.
  const overtaken = await current();
  if (overtaken) return overtaken;
  const told = await platformOf(tenant).register(`${address}/${secret}`, signal);
  const subscriptionId = told ?? (await lookUp(generation));
  if (!(await ledger.noteSubscription(tenant, generation, subscriptionId))) throw unconfirmed(generation);
  return { generation, subscriptionId, alreadyThere: false };

  async function current() {
    const found = currentIn(await takeInventory({ platformOf, ledger }, tenant, signal), after);
    return (
      found && { generation: found.generation, subscriptionId: found.subscriptionId, alreadyThere: true }
    );
  }

  /** The platform registered the callback and returned no id: finds the subscription in its list by the secret's hash. */
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
 * @returns `unknown` if it cannot list subscriptions: then its answer to the registration must suffice
 * @throws ArchivistError `SubscriptionUnconfirmed` if it lists others only
 */
export async function confirmCallback(
  sources: Sources,
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

/** The number of the newest generation that was ever registered; 0 if there is none. A rotation registers one above it. */
export async function newestGeneration({ ledger }: Sources, tenant: TenantId): Promise<number> {
  const generations = await ledger.listGenerations(tenant);
  return generations.findLast(({ registeredAt }) => registeredAt !== undefined)?.generation ?? 0;
}

function unconfirmed(generation: number): ArchivistError {
  return new ArchivistError(
    'SubscriptionUnconfirmed',
    `It is not certain what became of the registration of ${generationLabel(generation)}.`,
  );
}

/**
 * Returns the prefix of a tenant's callback URLs, `{publicUrl}/callbacks/flexperto`, if the platform would deliver to
 * it. The platform requires https, a host that resolves, and no special-purpose address (guide, "Targets"). On loopback it is the
 * simulator, which delivers to a gateway on the same machine.
 * @throws `CallbackUrlRefused`
 */
export async function callbackAddress(
  { publicUrl, tenants, resolve = resolveAll }: CallbackSettings,
  tenant: TenantId,
): Promise<string> {
  if (publicUrl === undefined)
    throw refused('gateway.publicUrl is not set: say there how the platform reaches the gateway');
  const { protocol, hostname } = new URL(publicUrl);
  const platform = new URL(tenants.get(tenant)?.baseUrl ?? publicUrl);
  if (!(isLoopback(hostname) && isLoopback(platform.hostname))) {
    if (protocol !== 'https:') throw refused('gateway.publicUrl is not https');
    await requirePublic(withoutBrackets(hostname), resolve);
  }
  return `${publicUrl}/callbacks/flexperto`;
}

async function requirePublic(host: string, resolve: typeof resolveAll): Promise<void> {
  const addresses = await resolve(host).catch(() => []);
  if (addresses.length === 0) throw refused(`${host}, the host of gateway.publicUrl, does not resolve`);
  for (const address of addresses) {
    const purpose = specialPurposeOf(address);
    if (purpose !== undefined)
      throw refused(
        `${host}, the host of gateway.publicUrl, leads to ${address}, a special-purpose address (${purpose})`,
      );
  }
}

/** A block of the IANA registry that `ipaddr.js` does not know yet: the dummy prefix of RFC 9780. */
const DUMMY_PREFIX = parseCIDR('100:0:0:1::/64');

/**
 * The purpose of an address in the IANA special-purpose address registries, multicast and reserved blocks included. An IPv6
 * address that only carries an IPv4 one (mapped, translated, 6to4) is a special-purpose address itself, whatever it carries.
 * @returns `undefined` for one that the platform delivers to
 */
export function specialPurposeOf(address: string): string | undefined {
  if (!isValid(address)) return 'no address';
  const parsed = parse(address);
  if (parsed.kind() === 'ipv6' && parsed.match(DUMMY_PREFIX)) return 'dummy prefix';
  const range = parsed.range();
  return range === 'unicast' ? undefined : range;
}

/** Resolves by DNS, as the platform does, and not by this machine's hosts file. It fails if either address family fails. */
async function resolveAll(host: string): Promise<readonly string[]> {
  if (isIP(host) !== 0) return [host];
  return (await Promise.all([orNone(resolve4(host)), orNone(resolve6(host))])).flat();
}

async function orNone(answer: Promise<string[]>): Promise<string[]> {
  return await answer.catch((error: unknown) => {
    if (NO_ADDRESSES.includes(errorCode(error))) return [];
    throw error;
  });
}

function refused(why: string): ArchivistError {
  return new ArchivistError('CallbackUrlRefused', `The callback was not registered: ${why}.`);
}
