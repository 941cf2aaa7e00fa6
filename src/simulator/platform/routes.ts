import { createHash, timingSafeEqual } from 'node:crypto';
import type { FastifyInstance, FastifyPluginCallback } from 'fastify';
import { abandon, type Archives } from '../archives';
import { webhook, type Subscriptions } from '../deliveries/subscriptions';
import { Refusal } from '../refusal';
import type { Tenant } from '../tenant';
import { endpointOf, ENDPOINTS } from './endpoints';
import { fileOf, sendFile } from './files';
import { meetFaults, type Locate } from './meet-faults';
import { RequestLog } from './request-log';

interface ArchiveRoute {
  Params: { archiveId: string };
}

interface SubscriptionRoute {
  Params: { subscriptionId: string };
}

/** The API that flexperto documents, for one tenant. */
export function platformApi(tenant: Tenant, apiKey: string, locate: Locate): FastifyPluginCallback {
  return (app, _options, done) => {
    const log = new RequestLog(tenant.journal, endpointOf);
    log.follow(app);
    requireApiKey(app, apiKey);
    meetFaults(app, tenant, log, locate);
    archiveRoutes(app, tenant.archives, log);
    tenant.files.route(app, log);
    subscriptionRoutes(app, tenant.subscriptions);
    app.setNotFoundHandler(() => {
      throw new Refusal(404, 'There is no such endpoint.');
    });
    done();
  };
}

/** Refuses every request of a plugin that does not carry the administrator's token in the header `api-key`. */
function requireApiKey(app: FastifyInstance, apiKey: string): void {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  const expected = digest(apiKey);
  app.addHook('onRequest', (request, _reply, done) => {
    const given = request.headers['api-key'];
    const isRight = typeof given === 'string' && timingSafeEqual(digest(given), expected);
    done(isRight ? undefined : new Refusal(401, 'The header api-key is missing or wrong.'));
  });
}

/** Listing, reading, downloading and abandoning archives. */
function archiveRoutes(app: FastifyInstance, archives: Archives, log: RequestLog): void {
  for (const path of ENDPOINTS.list.paths) app.get(path, () => archives.all().map((one) => one.record()));
  for (const path of ENDPOINTS.record.paths) {
    app.get<ArchiveRoute>(path, ({ params }) => archives.get(params.archiveId).record());
  }
  for (const path of ENDPOINTS.download.paths) {
    app.get<ArchiveRoute>(path, (request, reply) =>
      sendFile(fileOf(archives.get(request.params.archiveId)), request, reply, log),
    );
  }
  for (const path of ENDPOINTS.abandon.paths) {
    app.post<{ Params: { archiveId?: string; conferenceId?: string } }>(path, async (request) => {
      const { archiveId = '', conferenceId } = request.params;
      const addressed =
        conferenceId === undefined ? [archives.get(archiveId)] : archives.ofConference(conferenceId);
      log.note(request, { abandoned: await abandon(addressed) });
      return addressed.map(({ archiveId, status }) => ({ archiveId, status }));
    });
  }
}

/** Registering, listing and deleting webhooks, and reading what became of their deliveries. */
function subscriptionRoutes(app: FastifyInstance, subscriptions: Subscriptions): void {
  for (const path of ENDPOINTS.register.paths) {
    app.post(path, ({ body }, reply) => reply.code(201).send(subscriptions.add(webhook.parse(body))));
  }
  for (const path of ENDPOINTS.subscriptions.paths) app.get(path, () => subscriptions.all());
  for (const path of ENDPOINTS.reports.paths) {
    app.get<SubscriptionRoute>(path, ({ params }) => subscriptions.reports(params.subscriptionId));
  }
  for (const path of ENDPOINTS.unsubscribe.paths) {
    app.delete<SubscriptionRoute>(path, ({ params }, reply) => {
      subscriptions.delete(params.subscriptionId);
      return reply.code(204).send();
    });
  }
}
