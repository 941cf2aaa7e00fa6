import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerResponse,
} from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { Socket } from 'node:net';
import type { FastifyBaseLogger } from 'fastify';
import { openCertificate, renewCertificate, TLS_SETTINGS, type CertificateFiles } from './certificate';

export interface ListenerOptions {
  readonly tls: CertificateFiles | undefined;
  /** Called for what has no answer. */
  readonly count: (reason: 'crowdedOut' | 'tls') => void;
  readonly log: FastifyBaseLogger;
}

/**
 * How long a sender may take, in milliseconds: for its headers, for a whole request, and for the TLS before that; and between two
 * requests: longer than the minute of common proxies, which would send into a connection that is just being closed. Only
 * `headersTimeout` and `requestTimeout` cut a sender that drips; Node.js checks them once in each interval.
 */
const TIMEOUTS = { headersTimeout: 2_000, requestTimeout: 3_000, connectionsCheckingInterval: 500 } as const;
/** A request without a Host is refused by the gateway itself: Node.js would do so without a body, and nobody would count it. */
const SETTINGS = { ...TIMEOUTS, requireHostHeader: false } as const;
const HANDSHAKE_TIMEOUT = 2_000;
const KEEP_ALIVE_TIMEOUT = 72_000;
/** Closes sockets whose peer stops reading. */
const IDLE_TIMEOUT = 10_000;

/** Makes the server that the gateway listens with: with limits on everything that a sender can draw out. */
export function createListener(handler: RequestListener, { tls, count, log }: ListenerOptions): Server {
  const server = tls ? createTls(handler, tls, count, log) : createServer(SETTINGS, handler);
  server.keepAliveTimeout = KEEP_ALIVE_TIMEOUT;
  server.setTimeout(IDLE_TIMEOUT);
  // An expectation that nobody knows may be passed over (RFC 9110 §10.1.1). Node.js would answer 417, and lose a notification.
  server.on('checkExpectation', handler);
  watchConnections(server, () => count('crowdedOut'));
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
  // A handshake that failed gets no answer: the peer does not speak TLS. Nothing of it is logged.
  server.on('tlsClientError', (_error: Error, socket: Socket) => {
    count('tls');
    socket.destroy();
  });
  return server;
}

/** Connections open at a time, before those that only wait are closed. */
const MANY = 4_096;

/**
 * Bounds the connections without turning a new one away because of others that drip or idle: if there are too many, the one
 * that has been without a whole request for the longest is closed. A good notification takes a few milliseconds.
 *
 * Notes besides when each request arrives. The first of a connection arrives with the connection: the platform's 3 seconds run
 * from then on, and a busy gateway reads a request long after it accepted the connection. A later request arrives with its first
 * byte. The moment at which the headers are parsed would hide how long the event loop took to get there.
 */
export function watchConnections(server: Server, crowdedOut: () => void, many = MANY): void {
  /** All that are open, and those of them whose requests are not being answered, the longest first. */
  const open = new Set<string>();
  const waiting = new Map<string, Socket>();
  /** When the request began to arrive that is not read yet. */
  const arriving = new Map<string, number>();

  // Reached only if every connection has a request that is being answered.
  server.maxConnections = 2 * many;
  server.on('drop', crowdedOut);

  server.on('connection', (socket: Socket) => {
    const name = connectionName(socket);
    if (open.size >= many) closeLongestWaiting();
    open.add(name);
    waiting.set(name, socket);
    arriving.set(name, performance.now());
    socket.once('close', () => {
      open.delete(name);
      waiting.delete(name);
      arriving.delete(name);
    });
  });

  // Before Fastify's listener, which asks when it arrived.
  server.prependListener('request', (request: IncomingMessage, response: ServerResponse) => {
    const { socket } = request;
    const name = connectionName(socket);
    arrivals.set(request, arriving.get(name) ?? performance.now());
    const connection = waiting.get(name);
    waiting.delete(name);
    response.once('close', () => {
      if (connection && open.has(name)) waiting.set(name, connection);
      if (arriving.delete(name)) socket.once('data', () => arriving.set(name, performance.now()));
    });
  });

  function closeLongestWaiting(): void {
    const [longest] = waiting;
    if (longest === undefined) return;
    const [name, socket] = longest;
    // Before it is closed: the next one must not choose it again.
    waiting.delete(name);
    open.delete(name);
    socket.destroy();
    crowdedOut();
  }
}

const arrivals = new WeakMap<IncomingMessage, number>();

/** When a request of a server that is watched began to arrive, by `performance.now()`. */
export function arrivalOf(request: IncomingMessage): number {
  return arrivals.get(request) ?? performance.now();
}

/** The same for a TCP connection and for the TLS that runs over it. */
function connectionName({ remoteAddress, remotePort }: Socket): string {
  return `${remoteAddress} ${remotePort}`;
}
