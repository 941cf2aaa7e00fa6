import { lookup } from 'node:dns/promises';
import type { Config } from '../../config/load-config';
import { isLoopback } from '../../config/web-address';
import { ArchivistError } from '../../domain/failures';
import type { TenantId } from '../../domain/ids';
import { specialPurposeOf } from './special-purpose-addresses';

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
    const special = specialPurposeOf(address);
    if (special)
      throw refused(
        `${host}, the host of gateway.publicUrl, leads to ${address}, a special-purpose address (${special.name}, ${special.source})`,
      );
  }
}

async function resolveAll(host: string): Promise<readonly string[]> {
  return (await lookup(host, { all: true })).map(({ address }) => address);
}

function refused(why: string): ArchivistError {
  return new ArchivistError('CallbackUrlRefused', `The callback was not registered: ${why}.`);
}
