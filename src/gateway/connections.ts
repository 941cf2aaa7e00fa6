import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/** Connections open at a time, before those that only wait are closed. */
const MANY = 4_096;

/**
 * Bounds the connections without ever turning a new one away for those that drip or idle: where there are too many, the one
 * that has been without a whole request for the longest is closed. Its sender had his time, and a good notification needs a
 * few milliseconds.
 */
export function boundConnections(server: Server, crowdedOut: () => void, many = MANY): void {
  /** All that are open, and those of them whose requests are not being answered, the longest first. */
  const open = new Set<string>();
  const waiting = new Map<string, Socket>();

  // Where everybody has a request that is being answered.
  server.maxConnections = 2 * many;
  server.on('drop', crowdedOut);

  server.on('connection', (socket: Socket) => {
    const name = nameOf(socket);
    if (open.size >= many) closeLongestWaiting();
    open.add(name);
    waiting.set(name, socket);
    socket.once('close', () => {
      open.delete(name);
      waiting.delete(name);
    });
  });

  server.on('request', ({ socket }: IncomingMessage, response: ServerResponse) => {
    const name = nameOf(socket);
    const connection = waiting.get(name);
    waiting.delete(name);
    response.once('close', () => {
      if (connection && open.has(name)) waiting.set(name, connection);
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

/** The same for a connection and for the TLS that runs over it. */
function nameOf({ remoteAddress, remotePort }: Socket): string {
  return `${remoteAddress} ${remotePort}`;
}
