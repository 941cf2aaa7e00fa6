import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Registry } from 'prom-client';

export interface MetricsServer {
  readonly url: string;
  close(): Promise<void>;
}

/**
 * Serves `GET /metrics` for Prometheus, and nothing else.
 * @param more metrics of the same process that another one serves, in the same form
 * @throws if the address is taken
 */
export async function startMetricsServer(
  { host, port }: { readonly host: string; readonly port: number },
  registry: Registry,
  more: () => Promise<string> = () => Promise.resolve(''),
): Promise<MetricsServer> {
  const server = createServer(
    { requestTimeout: 5_000, connectionsCheckingInterval: 1_000 },
    (request, response) => {
      request.resume();
      if (request.method !== 'GET' || request.url?.split('?')[0] !== '/metrics') {
        response.writeHead(404).end();
        return;
      }
      Promise.all([registry.metrics(), more().catch(() => '')]).then(
        (texts) => response.writeHead(200, { 'content-type': registry.contentType }).end(texts.join('\n')),
        () => response.writeHead(500).end(),
      );
    },
  );
  server.listen(port, host);
  await once(server, 'listening');
  const address = server.address() as AddressInfo;
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${address.port}`,
    async close() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}
