import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import { connect, type AddressInfo } from 'node:net';
import path from 'node:path';
import { pipeline } from 'node:stream';
import { createServer, type PeerCertificate, type Server } from 'node:tls';
import { startEgressProxy, type EgressProxy } from '../platform/egress-proxy';
import { createAuthority, type Authority } from '../support/self-signed';
import type { Rules } from './proxy';
import { newSecret, type Site } from './site';

/** Names that no DNS has: only the proxy knows where they lead. */
export const PLATFORM = 'platform.bank.invalid';
export const STORAGE = 'storage.bank.invalid';

/** What a site's tenant has in its configuration; {@link startBankNetwork} writes the files. */
export const BANK_TENANT = {
  baseUrl: `https://${PLATFORM}`,
  proxy: 'file:./secrets/proxy',
  ca: 'file:./secrets/bank-ca.pem',
  clientCertificate: { certificate: 'file:./secrets/client.pem', key: 'file:./secrets/client.key' },
} as const;

const CLIENT = 'archivist';

/** The network of a bank, in which only a proxy reaches the platform and the storage that its downloads redirect to. */
export interface BankNetwork {
  readonly proxy: EgressProxy;
  readonly password: string;
  /** The proxy's address as a configuration or the environment gives it, with the right password or another. */
  address(password?: string): string;
  /** Writes the file that the tenant's `proxy` names. */
  configureProxy(password?: string): Promise<void>;
  /** Connections so far, each as the host that it leads to and the name in the client certificate that was shown. */
  readonly seen: string[];
  close(): Promise<void>;
}

/** Puts the network before a site's platform, and what its clients need into files beside the site's configuration. */
export async function startBankNetwork({ folder, front, rules }: Site): Promise<BankNetwork> {
  const authority = createAuthority('The bank');
  const seen: string[] = [];
  const platform = await serve(authority, PLATFORM, true, seen, () => Number(new URL(front).port));
  const storage = await serve(authority, STORAGE, false, seen, redirectToStorage(rules));

  const password = `p@ss:w%rd-${newSecret()}`;
  const routes = { [`${PLATFORM}:443`]: portOf(platform), [`${STORAGE}:443`]: portOf(storage) };
  const proxy = await startEgressProxy(password, routes);
  const address = (given = password) => `http://user:${encodeURIComponent(given)}@127.0.0.1:${proxy.port}`;

  const write = (name: string, text: string) => writeFile(path.join(folder, 'secrets', name), `${text}\n`);
  const configureProxy = (given?: string) => write('proxy', address(given));
  const client = authority.issue(CLIENT);
  await mkdir(path.join(folder, 'secrets'));
  await Promise.all([
    write('bank-ca.pem', authority.cert),
    write('client.pem', client.cert),
    write('client.key', client.key),
    configureProxy(),
  ]);
  return {
    proxy,
    password,
    address,
    configureProxy,
    seen,
    async close() {
      await proxy.close();
      await Promise.all([platform, storage].map((server) => new Promise((resolve) => server.close(resolve))));
    },
  };
}

/** Lets redirects lead to the storage's name. @returns how to learn the port that they led to */
function redirectToStorage(rules: Rules): () => number {
  let storagePort = 0;
  rules.onAnswer = (_, answer) => {
    const { location } = answer.headers;
    if (location === undefined) return Promise.resolve(undefined);
    const { port, pathname, search } = new URL(location);
    storagePort = Number(port);
    const headers = { ...answer.headers, location: `https://${STORAGE}${pathname}${search}` };
    return Promise.resolve({ ...answer, headers });
  };
  return () => storagePort;
}

/** A host whose connections end here and go on unencrypted. It asks for a client certificate, and may turn away who has none. */
async function serve(
  authority: Authority,
  host: string,
  requiresClient: boolean,
  seen: string[],
  leadsTo: () => number,
): Promise<Server> {
  const client = { ca: authority.cert, requestCert: true, rejectUnauthorized: requiresClient };
  const server = createServer({ ...authority.issue(host), ...client }, (socket) => {
    const { subject } = socket.getPeerCertificate() as Partial<PeerCertificate>;
    seen.push(`${host} ${String(subject?.CN ?? 'nobody')}`);
    pipeline(socket, connect(leadsTo(), '127.0.0.1'), socket, () => undefined);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

function portOf(server: Server): number {
  return (server.address() as AddressInfo).port;
}
