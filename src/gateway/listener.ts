import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { Socket } from 'node:net';
import type { FastifyBaseLogger } from 'fastify';
import { openCertificate, renewCertificate, TLS_SETTINGS, type CertificateFiles } from './certificate';
import { boundConnections } from './connections';

export interface ListenerOptions {
  readonly tls: CertificateFiles | undefined;
  /** Called for what has no answer. */
  readonly count: (reason: 'crowdedOut' | 'tls') => void;
  readonly log: FastifyBaseLogger;
}

/**
 * How long a sender may take, in milliseconds: for its headers, for a whole request, and for the TLS before that; and between two
 * requests: longer than the minute of common proxies, which would send into a connection that is just being closed. Only
 * `headersTimeout` and `requestTimeout` cut a sender who drips; they are looked at in the interval.
 */
const TIMEOUTS = { headersTimeout: 2_000, requestTimeout: 3_000, connectionsCheckingInterval: 500 } as const;
/** A request without a Host is refused by the gateway itself: Node.js would do so without a body, and nobody would count it. */
const SETTINGS = { ...TIMEOUTS, requireHostHeader: false } as const;
const HANDSHAKE_TIMEOUT = 2_000;
const KEEP_ALIVE_TIMEOUT = 72_000;
/** For who does not read his answers. */
const IDLE_TIMEOUT = 10_000;

/** Makes the server that the gateway listens with: with limits on everything that a sender can draw out. */
export function createListener(handler: RequestListener, { tls, count, log }: ListenerOptions): Server {
  const server = tls ? createTls(handler, tls, count, log) : createServer(SETTINGS, handler);
  server.keepAliveTimeout = KEEP_ALIVE_TIMEOUT;
  server.setTimeout(IDLE_TIMEOUT);
  // An expectation that nobody knows may be passed over (RFC 9110 §10.1.1). Node.js would answer 417, and lose a notification.
  server.on('checkExpectation', handler);
  boundConnections(server, () => count('crowdedOut'));
  return server;
}

function createTls(
  handler: RequestListener,
  files: CertificateFiles,
  count: ListenerOptions['count'],
  log: FastifyBaseLogger,
): Server {
  const certificate = openCertificate(files);
  const options = { ...SETTINGS, handshakeTimeout: HANDSHAKE_TIMEOUT, ...TLS_SETTINGS, ...certificate };
  const server = createTlsServer(options, handler);
  server.on('close', renewCertificate(server, files, certificate, log));
  // A handshake that failed has no answer: whoever sent it does not speak TLS, and nothing of it is logged.
  server.on('tlsClientError', (_error: Error, socket: Socket) => {
    count('tls');
    socket.destroy();
  });
  return server;
}
