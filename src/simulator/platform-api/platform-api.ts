import type { FastifyPluginCallback } from 'fastify';
import { Refusal } from '../refusal';
import type { Tenant } from '../tenant';
import { archiveRoutes } from './archive-routes';
import { requireApiKey } from './authentication';
import { RequestLog } from './request-log';
import { subscriptionRoutes } from './subscription-routes';

/** The API that flexperto documents, for one tenant. */
export function platformApi(tenant: Tenant, apiKey: string): FastifyPluginCallback {
  return (app, _options, done) => {
    const log = new RequestLog(tenant.journal);
    log.follow(app);
    requireApiKey(app, apiKey);
    archiveRoutes(app, tenant.archives, log);
    subscriptionRoutes(app, tenant.subscriptions);
    app.setNotFoundHandler(() => {
      throw new Refusal(404, 'There is no such endpoint.');
    });
    done();
  };
}
