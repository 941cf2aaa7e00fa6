import { resolve4, resolve6 } from 'node:dns/promises';
import { isIP } from 'node:net';
import { isValid, parse, parseCIDR } from 'ipaddr.js';
import type { Config } from '../../config/load-config';
import { isLoopback } from '../../config/web-address';
import { errorCode } from '../../domain/error-code';
import { ArchivistError } from '../../domain/failures';
import type { TenantId } from '../../domain/ids';

/** What DNS says of a name that has none of a kind. */
const NO_ADDRESSES = ['ENODATA', 'ENOTFOUND'];

/** Gives the addresses of a host, all of them. */
export type Resolve = (host: string) => Promise<readonly string[]>;

/** What of the configuration callbacks need. */
export interface CallbackSettings {
  /** How the platform reaches the gateway. */
  readonly publicUrl?: string | undefined;
  readonly tenants: Config['tenants'];
  /** The system's, unless a test gives another. */
  readonly resolve?: Resolve;
}

/**
 * Where the callbacks of a tenant begin: `{publicUrl}/callbacks/flexperto`, once it is known that the platform would deliver to
 * it. It wants https, a host that resolves, and no special-purpose address (guide, "Targets"). A platform on loopback is the
 * simulator: it delivers to a gateway beside it.
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
    await requirePublic(hostname.replace(/^\[|\]$/g, ''), resolve);
  }
  return `${publicUrl}/callbacks/flexperto`;
}

async function requirePublic(host: string, resolve: Resolve): Promise<void> {
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
 * What an address is reserved for by the IANA special-purpose address registries, multicast and reserved blocks included. An IPv6
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

/** By DNS, as the platform does, and not by what this machine's hosts file says. All of it or nothing. */
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
