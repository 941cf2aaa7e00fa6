import { createServer, type RequestListener } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { Agent } from 'undici';
import { createAsk, type Ask } from '../../src/platform/ask';
import type { SeenRequest } from './hostile-platform';
import { API_KEY, untouched } from './hostile-platform';

export interface NamedHosts {
  /** Every request so far, with its whole address. */
  readonly seen: readonly (SeenRequest & { readonly address: string })[];
  /** What the server at an address does; it answers 200 everywhere else. */
  answer(address: string, listener: RequestListener): void;
  /** Lets an address redirect. */
  redirect(address: string, location: string | string[] | undefined, status?: number): void;
  /** Asks for an address under the API key. */
  get(url: string, method?: 'GET' | 'POST'): ReturnType<Ask>;
  reset(): void;
  close(): Promise<void>;
}

/**
 * Every host of every name, by http and https, is one server on loopback. Its connections are not encrypted: what is tested is who
 * is asked for what, not certificates.
 */
export async function startNamedHosts(): Promise<NamedHosts> {
  const seen: (SeenRequest & { readonly address: string })[] = [];
  const answers = new Map<string, RequestListener>();
  const server = createServer((request, response) => {
    const scheme = schemes.get(request.socket.remotePort ?? 0) ?? 'unknown:';
    const address = `${scheme}//${request.headers.host ?? ''}${request.url ?? ''}`;
    seen.push({ method: request.method ?? '', url: request.url ?? '', headers: request.headers, address });
    const listener = answers.get(address) ?? ((_, fallback) => fallback.end('arrived'));
    listener(request, response);
  });
  const schemes = new Map<number, string>();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const agent = new Agent({
    connect: ({ protocol }, done) => {
      const socket = connect(port, '127.0.0.1');
      socket.once('error', (error) => done(error, null));
      socket.once('connect', () => {
        schemes.set(socket.localPort ?? 0, protocol);
        done(null, socket);
      });
    },
  });
  const ask = createAsk(agent, () => API_KEY);
  return {
    seen,
    answer: (address, listener) => void answers.set(address, listener),
    redirect(address, location, status = 302) {
      answers.set(address, (_, response) => {
        if (location !== undefined) response.setHeader('location', location);
        response.writeHead(status).end('MARKER');
      });
    },
    get: (url, method = 'GET') => ask({ what: 'the thing', method, url, headers: {} }, untouched()),
    reset() {
      seen.length = 0;
      answers.clear();
    },
    async close() {
      await agent.close();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
