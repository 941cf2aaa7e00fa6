import type { FastifyInstance, FastifyPluginCallback, FastifyReply, FastifyRequest } from 'fastify';
import { abandon } from '../archives';
import { webhook, type Subscriptions } from '../deliveries/subscriptions';
import { Refusal } from '../refusal';
import type { Tenant } from '../tenant';
import { ENDPOINTS, type EndpointName } from './endpoints';
import { fileOf, sendFile } from './files';
import { meetFaults } from './meet-faults';
import { identifiersOf } from './request-log';

type Handler = (request: FastifyRequest, reply: FastifyReply) => unknown;

/** The API that flexperto documents, for one tenant. */
export function platformApi(tenant: Tenant, apiKey: string): FastifyPluginCallback {
  return (app, _options, done) => {
    tenant.requests.follow(app);
    requireApiKey(app, apiKey);
    meetFaults(app, tenant);
    archiveRoutes(app, tenant);
    tenant.files.route(app, 'file');
    subscriptionRoutes(app, tenant.subscriptions);
    app.setNotFoundHandler(() => {
      throw new Refusal(404, 'There is no such endpoint.');
    });
    done();
  };
}

/** A server of another origin that gives files without an API key, as an object storage does. Redirects lead there. */
export function giveFiles(app: FastifyInstance, tenant: Tenant): void {
  tenant.requests.follow(app);
  meetFaults(app, tenant);
  tenant.files.route(app, 'foreignFile');
}

/** Refuses every request of a plugin that does not carry the administrator's token in the header `api-key`. */
function requireApiKey(app: FastifyInstance, apiKey: string): void {
  app.addHook('onRequest', ({ headers }, _reply, done) => {
    const isRight = headers['api-key'] === apiKey;
    done(isRight ? undefined : new Refusal(401, 'The header api-key is missing or wrong.'));
  });
}

/** Serves an endpoint at all the paths that it has. */
function serve(app: FastifyInstance, endpoint: EndpointName, handler: Handler): void {
  const { method, paths } = ENDPOINTS[endpoint];
  for (const url of paths) app.route({ method, url, handler, config: { endpoint } });
}

/** Listing, reading, downloading and abandoning archives. */
function archiveRoutes(app: FastifyInstance, { archives, requests }: Tenant): void {
  const archiveOf = (request: FastifyRequest) => archives.get(identifiersOf(request).archiveId ?? '');
  serve(app, 'list', () => archives.all().map((archive) => archive.record()));
  serve(app, 'record', (request) => archiveOf(request).record());
  serve(app, 'download', (request, reply) => sendFile(fileOf(archiveOf(request)), request, reply));
  serve(app, 'abandon', async (request) => {
    const { conferenceId } = identifiersOf(request);
    const addressed = conferenceId === undefined ? [archiveOf(request)] : archives.ofConference(conferenceId);
    requests.note(request, { affected: await abandon(addressed) });
    return addressed.map(({ archiveId, status }) => ({ archiveId, status }));
  });
}

/** Registering, listing and deleting webhooks, and reading what became of their deliveries. */
function subscriptionRoutes(app: FastifyInstance, subscriptions: Subscriptions): void {
  const idIn = (request: FastifyRequest) => identifiersOf(request).subscriptionId ?? '';
  serve(app, 'register', ({ body }, reply) => reply.code(201).send(subscriptions.add(webhook.parse(body))));
  serve(app, 'subscriptions', () => subscriptions.all());
  serve(app, 'reports', (request) => subscriptions.reports(idIn(request)));
  serve(app, 'unsubscribe', (request, reply) => {
    subscriptions.delete(idIn(request));
    return reply.code(204).send();
  });
}
