import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/** When requests began to arrive, by `performance.now()`. */
export interface Arrivals {
  watch(server: Server): void;
  of(request: IncomingMessage): number;
}

/**
 * The first request of a connection arrives with the connection: the platform's 3 seconds run from then on, and a busy gateway
 * reads a request long after it accepted the connection. A later request arrives with its first byte. The moment at which the
 * headers are parsed would hide how long the event loop took to get there.
 */
export function createArrivals(): Arrivals {
  const byConnection = new Map<string, number>();
  const byRequest = new WeakMap<IncomingMessage, number>();
  return {
    of: (request) => byRequest.get(request) ?? performance.now(),

    watch(server) {
      server.on('connection', (socket: Socket) => {
        const name = connectionName(socket);
        byConnection.set(name, performance.now());
        socket.once('close', () => byConnection.delete(name));
      });
      // Before Fastify's listener, which asks for it.
      server.prependListener('request', (request: IncomingMessage, response: ServerResponse) => {
        const { socket } = request;
        const name = connectionName(socket);
        byRequest.set(request, byConnection.get(name) ?? performance.now());
        response.once('close', () => {
          if (!byConnection.delete(name)) return;
          socket.once('data', () => byConnection.set(name, performance.now()));
        });
      });
    },
  };
}

/** The same for a TCP connection and for the TLS that runs over it. */
export function connectionName({ remoteAddress, remotePort }: Socket): string {
  return `${remoteAddress} ${remotePort}`;
}
