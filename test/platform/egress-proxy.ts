import { createServer as createHttpServer, type IncomingMessage } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { connect, type AddressInfo, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { SelfSigned } from '../support/self-signed';

export interface EgressProxy {
  readonly port: number;
  /** The requests for a tunnel so far, each as `HOST:PORT`. */
  readonly asked: string[];
  /** What it does with a request for a tunnel from now on, in place of opening it. */
  refuse?: ((socket: Duplex) => void) | undefined;
  close(): Promise<void>;
}

/** Ports on loopback, by `HOST:PORT` as it is asked for. */
type Routes = Readonly<Record<string, number>>;

/**
 * A proxy as banks have it: it opens tunnels only, and only for who has the password. A tunnel leads to loopback, to a host that is
 * reached in no other way: whatever the name, to one port, or by its name to the port that `routes` gives.
 */
export async function startEgressProxy(
  password: string,
  routes: number | Routes,
  certificate?: SelfSigned,
): Promise<EgressProxy> {
  const server = certificate ? createHttpsServer(certificate) : createHttpServer();
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket.on('error', () => undefined));
  });
  server.on('request', (_, response) => response.writeHead(405).end());
  server.on('connect', (request: IncomingMessage, socket: Duplex) => {
    socket.on('error', () => undefined);
    const authority = request.url ?? '';
    const port = typeof routes === 'number' ? routes : routes[authority];
    proxy.asked.push(authority);
    const expected = `Basic ${Buffer.from(`user:${password}`).toString('base64')}`;
    if (request.headers['proxy-authorization'] !== expected)
      socket.end('HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic realm="b"\r\n\r\n');
    else if (proxy.refuse) proxy.refuse(socket);
    else if (port === undefined) socket.end('HTTP/1.1 502 Bad Gateway\r\n\r\n');
    else {
      const onwards = connect(port, '127.0.0.1', () => {
        socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
        socket.pipe(onwards).pipe(socket);
      });
      onwards.on('error', () => socket.destroy());
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const proxy: EgressProxy = {
    port: (server.address() as AddressInfo).port,
    asked: [],
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return proxy;
}
