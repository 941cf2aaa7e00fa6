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
  /** Called for each connection that gets no answer. */
  readonly count: (reason: 'crowdedOut' | 'tls') => void;
  readonly log: FastifyBaseLogger;
}

/**
 * A sender's time limits, in milliseconds: for its headers, a whole request, the TLS handshake, and between two requests. The
 * last exceeds the minute of common proxies, which would otherwise send into a connection that is just being closed. Only
 * `headersTimeout` and `requestTimeout` stop a sender that trickles bytes; Node.js checks them once per interval.
 */
const TIMEOUTS = { headersTimeout: 2_000, requestTimeout: 3_000, connectionsCheckingInterval: 500 } as const;
/** The gateway itself refuses a request without a Host: Node.js would send no body, and nothing would count it. */
const SETTINGS = { ...TIMEOUTS, requireHostHeader: false } as const;
const HANDSHAKE_TIMEOUT = 2_000;
const KEEP_ALIVE_TIMEOUT = 72_000;
/** Closes sockets whose peer stops reading. */
const IDLE_TIMEOUT = 10_000;

/** Creates the gateway's server, with limits on everything that a sender can prolong. */
export function createListener(handler: RequestListener, { tls, count, log }: ListenerOptions): Server {
  const server = tls ? createTls(handler, tls, count, log) : createServer(SETTINGS, handler);
  server.keepAliveTimeout = KEEP_ALIVE_TIMEOUT;
  server.setTimeout(IDLE_TIMEOUT);
  // An unknown expectation may be ignored (RFC 9110 §10.1.1). Node.js would answer 417, and lose a notification.
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

/** The number of open connections from which those that only wait are closed. */
const MANY = 4_096;

/**
 * Limits the connections without refusing a new one because of others that are slow or idle: if there are too many, the one
 * that has been without a complete request for the longest is closed. A good notification takes a few milliseconds.
 *
 * It also notes when each request arrives. The first of a connection arrives with the connection: the platform's 3 seconds run
 * from then on, and a busy gateway reads a request long after it accepted the connection. A later request arrives with its first
 * byte. The moment at which the headers are parsed would hide how long the event loop took to get there.
 */
export function watchConnections(server: Server, crowdedOut: () => void, many = MANY): void {
  /** All open connections, and those of them that have no request in progress, the longest waiting first. */
  const open = new Set<string>();
  const waiting = new Map<string, Socket>();
  /** When the request that is not read yet began to arrive. */
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

  // Runs before Fastify's listener, which asks for the arrival time.
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
    // Removed before it is closed, so that the next call does not choose it again.
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

/** A name that is the same for a TCP connection and for the TLS connection over it. */
function connectionName({ remoteAddress, remotePort }: Socket): string {
  return `${remoteAddress} ${remotePort}`;
}
