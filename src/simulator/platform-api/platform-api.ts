import type { FastifyPluginCallback } from 'fastify';
import { Refusal } from '../refusal';
import type { Tenant } from '../tenant';
import { archiveRoutes } from './archive-routes';
import { requireApiKey } from './authentication';
import { endpointOf } from './endpoints';
import { meetFaults } from './faults';
import { fileRoute } from './file-route';
import type { ForeignUrl } from './locate';
import { RequestLog } from './request-log';
import { subscriptionRoutes } from './subscription-routes';

/** The API that flexperto documents, for one tenant. */
export function platformApi(tenant: Tenant, apiKey: string, foreignUrl: ForeignUrl): FastifyPluginCallback {
  return (app, _options, done) => {
    const log = new RequestLog(tenant.journal, endpointOf);
    log.follow(app);
    requireApiKey(app, apiKey);
    meetFaults(app, tenant, log, foreignUrl);
    archiveRoutes(app, tenant.archives, log);
    fileRoute(app, tenant.files, log);
    subscriptionRoutes(app, tenant.subscriptions);
    app.setNotFoundHandler(() => {
      throw new Refusal(404, 'There is no such endpoint.');
    });
    done();
  };
}
