import { fastify, LogController, type FastifyBaseLogger, type FastifyInstance } from 'fastify';
import type { Config } from '../config/load-config';
import { refusalOf, refuse, refuseConnection } from './answers';
import { callback } from './callback';
import { health, type Check } from './health';
import type { Intake } from './intake';

export interface GatewayDependencies {
  readonly tenants: Config['tenants'];
  readonly trustedProxies: readonly string[];
  readonly intake: Intake;
  readonly checks: Readonly<Record<string, Check>>;
  readonly log: FastifyBaseLogger;
}

/** A notification is a few KiB; its meta is arbitrary. */
const BODY_LIMIT = 1024 * 1024;

/** Composes the gateway. It logs no URL and answers with constant bodies, since the path of a callback holds a secret. */
export function createApp({
  tenants,
  trustedProxies,
  intake,
  checks,
  log,
}: GatewayDependencies): FastifyInstance {
  const app = fastify({
    loggerInstance: log,
    logController: new LogController({ disableRequestLogging: true }),
    trustProxy: trustedProxies.length > 0 ? [...trustedProxies] : false,
    bodyLimit: BODY_LIMIT,
    requestTimeout: 3_000,
    http: { headersTimeout: 2_000, connectionsCheckingInterval: 500 },
    routerOptions: { maxParamLength: 256 },
    clientErrorHandler: refuseConnection,
    frameworkErrors: (error, _request, reply) => void refuse(reply, refusalOf(error)),
  });
  // By default text is parsed, too.
  app.removeContentTypeParser('text/plain');
  // Before the body is read: a path that does not exist answers as one whose secret is wrong, whatever is sent to it.
  app.addHook('onRequest', (request, reply, next) => {
    if (request.is404) refuse(reply, 404);
    else next();
  });
  app.setNotFoundHandler((_request, reply) => refuse(reply, 404));
  app.setErrorHandler((error: { readonly code?: string; readonly statusCode?: number }, request, reply) => {
    const status = refusalOf(error);
    // The text of the error is not logged: it may quote the request.
    if (status === 500) request.log.error({ code: error.code ?? 'unknown' }, 'A request failed');
    return refuse(reply, status);
  });
  health(app, checks);
  callback(app, tenants, intake);
  return app;
}
