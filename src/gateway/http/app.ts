import type { IncomingMessage, Server } from 'node:http';
import { fastify, LogController, type FastifyBaseLogger, type FastifyInstance } from 'fastify';
import type { Intake } from '../intake';
import type { GatewayMetrics } from '../metrics';
import { jsonBodies } from './bodies';
import { callback } from './callback';
import type { Callers } from './callers';
import type { CertificateFiles } from './certificate';
import { health, type Check } from './health';
import { createListener } from './listener';
import { createRefuse, refusalOf, refuseConnection } from './refusals';

export interface AppDependencies {
  readonly trustedProxies: readonly string[];
  readonly tls: CertificateFiles | undefined;
  readonly identify: Callers['identify'];
  readonly intake: Intake;
  readonly checks: Readonly<Record<string, Check>>;
  readonly isStopping: () => boolean;
  readonly metrics: GatewayMetrics;
  readonly log: FastifyBaseLogger;
}

/** Milliseconds that requests in flight have to end after a close began. */
const LAST_REQUESTS = 3_000;

/** A notification is a few KiB; its meta is arbitrary. */
const LARGEST_BODY = 1024 * 1024;

/** Composes the gateway. It logs no URL and answers with constant bodies, because the path of a callback contains a secret. */
export function createApp(dependencies: AppDependencies): FastifyInstance {
  const { trustedProxies, tls, metrics, log } = dependencies;
  const refuse = createRefuse(metrics.rejected);
  const servers: Server[] = [];
  const app = fastify({
    loggerInstance: log,
    logController: new LogController({ disableRequestLogging: true }),
    trustProxy: trustedProxies.length > 0 ? [...trustedProxies] : false,
    bodyLimit: LARGEST_BODY,
    routerOptions: { maxParamLength: 256, ignoreTrailingSlash: true },
    serverFactory(handler) {
      const server = createListener(handler, { tls, count: metrics.rejected, log });
      servers.push(server);
      return server;
    },
    // A notification that arrives on an open connection while the gateway stops is accepted, and the connection closed after it.
    return503OnClosing: false,
    clientErrorHandler(error, socket) {
      const refusal = refuseConnection(error, socket);
      if (refusal) metrics.rejected(refusal);
    },
    frameworkErrors: (error, _request, reply) => void refuse(reply, refusalOf(error)),
  });
  app.addHook('preClose', (done) => {
    // A half-sent request would keep the server open forever.
    setTimeout(() => servers.forEach((server) => server.closeAllConnections()), LAST_REQUESTS).unref();
    done();
  });
  jsonBodies(app);
  // Before the body is read: a path that does not exist is answered like one whose secret is wrong, whatever is sent to it.
  app.addHook('onRequest', (request, reply, next) => {
    if (isWithoutHost(request.raw)) refuse(reply, 'noHttp');
    else if (request.is404) refuse(reply, 'unknownPath');
    else next();
  });
  app.setNotFoundHandler((_request, reply) => refuse(reply, 'unknownPath'));
  app.setErrorHandler((error: { readonly code?: string; readonly statusCode?: number }, request, reply) => {
    const refusal = refusalOf(error);
    // The text of the error is not logged: it may quote the request.
    if (refusal === 'failed') request.log.error({ code: error.code ?? 'unknown' }, 'A request failed');
    return refuse(reply, refusal);
  });
  health(app, { ...dependencies, refuse });
  callback(app, { ...dependencies, refuse });
  return app;
}

/** RFC 9112 §3.2: a request of HTTP/1.1 without a Host is answered with 400. */
function isWithoutHost({ httpVersion, headers }: IncomingMessage): boolean {
  return httpVersion === '1.1' && headers.host === undefined;
}
