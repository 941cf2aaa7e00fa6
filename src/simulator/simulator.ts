import Fastify, { type FastifyInstance } from 'fastify';
import { SimulatorClient } from './control/client';
import { controlApi } from './control/routes';
import { LONGEST_MS } from './control/specs';
import { API_PREFIX } from './platform/endpoints';
import { giveFiles, platformApi } from './platform/routes';
import { acceptEmptyJson, answerErrors } from './refusal';
import { Tenant } from './tenant';

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
}

/** A simulator that runs in this process, with its control. `close` breaks off everything and leaves nothing open. */
export type Simulator = SimulatorClient & { readonly apiKey: string; close(): Promise<void> };

const THREE_DAYS_MS = 3 * 24 * 60 * 60 * 1000;

/**
 * Starts a flexperto platform for one tenant.
 * @throws RangeError if `expirationMs` is longer than a timer can wait, and what listening throws
 */
export async function startSimulator(options: SimulatorOptions = {}): Promise<Simulator> {
  const { host = '127.0.0.1', port = 0, apiKey = 'simulator', expirationMs = THREE_DAYS_MS } = options;
  if (!(expirationMs >= 0 && expirationMs <= LONGEST_MS)) {
    throw new RangeError(`An abandoned archive can be kept for 0 to ${LONGEST_MS} ms (24 days).`);
  }
  const tenant = new Tenant(options.tenant ?? 'mycompany', expirationMs);
  const [app, other] = [createServer(), createServer()];
  app.register(platformApi(tenant, apiKey), { prefix: API_PREFIX });
  app.register(controlApi(tenant), { prefix: '/_control' });
  giveFiles(other, tenant);
  const url = await app.listen({ host, port });
  tenant.otherPort = Number(new URL(await other.listen({ host, port: 0 })).port);
  const close = async () => {
    for (const part of [tenant, other, app]) await part.close();
  };
  return Object.assign(new SimulatorClient(url), { apiKey, close });
}

/** A server that does not listen yet. */
function createServer(): FastifyInstance {
  const app = Fastify({
    bodyLimit: 16 * 1024 * 1024,
    forceCloseConnections: true,
    exposeHeadRoutes: false,
    // Longer than any identifier, percent-encoded.
    routerOptions: { maxParamLength: 512 },
  });
  acceptEmptyJson(app);
  answerErrors(app);
  return app;
}
