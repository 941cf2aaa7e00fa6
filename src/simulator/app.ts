import Fastify, { type FastifyInstance } from 'fastify';
import type { SimulatorControl } from './control-api/control';
import { controlApi } from './control-api/control-api';
import { answerErrors } from './error-answers';
import { acceptEmptyJson } from './json-bodies';
import { API_PREFIX } from './platform-api/endpoints';
import type { ForeignUrl } from './platform-api/locate';
import { platformApi } from './platform-api/platform-api';
import type { Tenant } from './tenant';

/** Longer than any identifier, percent-encoded. */
const LONGEST_PARAMETER = 512;
const LARGEST_BODY_BYTES = 16 * 1024 * 1024;

/** The whole simulator as one server that does not listen yet. */
export function createApp(
  tenant: Tenant,
  control: SimulatorControl,
  apiKey: string,
  foreignUrl: ForeignUrl,
): FastifyInstance {
  const app = Fastify({
    bodyLimit: LARGEST_BODY_BYTES,
    forceCloseConnections: true,
    exposeHeadRoutes: false,
    routerOptions: { maxParamLength: LONGEST_PARAMETER },
  });
  acceptEmptyJson(app);
  answerErrors(app);
  app.register(platformApi(tenant, apiKey, foreignUrl), { prefix: API_PREFIX });
  app.register(controlApi(control, tenant.journal), { prefix: '/_control' });
  return app;
}
