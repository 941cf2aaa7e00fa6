import { createApp } from './app';
import type { SimulatorControl } from './control-api/control';
import { localControl } from './control-api/local-control';
import { LONGEST_MS } from './control-api/specs';
import { ForeignOrigin } from './foreign-origin';
import { closeTenant, createTenant } from './tenant';

/** How a simulator is started; everything has a default. */
export interface SimulatorOptions {
  /** The address to listen on; `127.0.0.1`. The control API has no authentication: keep it on loopback. */
  readonly host?: string;
  /** 0, the default, takes a free one. */
  readonly port?: number;
  /** What the header `api-key` must hold; `simulator`. */
  readonly apiKey?: string;
  /** The tenant that notifications name; `mycompany`. */
  readonly tenant?: string;
  /** How long an abandoned archive is kept; 3 days, as the guide says. At most 24 days. */
  readonly expirationMs?: number;
  /** The simulator does not log: its journal tells everything. */
  readonly logger?: false;
}

/** A running simulator. Its control works without HTTP. */
export interface Simulator extends SimulatorControl {
  /** What a tenant's `baseUrl` is: `http://127.0.0.1:PORT`. */
  readonly url: string;
  readonly apiKey: string;
  /** Breaks off downloads and deliveries, and leaves nothing open. */
  close(): Promise<void>;
}

const THREE_DAYS_MS = 3 * 24 * 60 * 60 * 1000;

/**
 * Starts a flexperto platform for one tenant.
 * @throws RangeError where `expirationMs` is longer than a timer can wait, and what listening throws
 */
export async function startSimulator(options: SimulatorOptions = {}): Promise<Simulator> {
  const {
    host = '127.0.0.1',
    port = 0,
    apiKey = 'simulator',
    tenant: name = 'mycompany',
    expirationMs = THREE_DAYS_MS,
  } = options;
  if (!(expirationMs >= 0 && expirationMs <= LONGEST_MS)) {
    throw new RangeError(`An abandoned archive can be kept for 0 to ${LONGEST_MS} ms (24 days).`);
  }
  const tenant = createTenant(name, expirationMs);
  const control = localControl(tenant);
  const foreign = new ForeignOrigin(tenant, host);
  const app = createApp(tenant, control, apiKey, (hostname) => foreign.url(hostname));
  const url = await app.listen({ host, port });
  return {
    ...control,
    url,
    apiKey,
    async close() {
      await closeTenant(tenant);
      await foreign.close();
      await app.close();
    },
  };
}
