import { request } from 'node:http';
import type { Socket } from 'node:net';
import { createSecureContext, rootCertificates, type SecureContext } from 'node:tls';
import { buildConnector } from 'undici';
import type { TenantConfig } from '../config/load-config';
import { isExempt, type Proxy } from '../config/proxy';
import { withoutBrackets } from '../config/web-address';
import { errorCode } from '../domain/error-code';
import { withoutContinue } from './interim-responses';

type Connector = buildConnector.connector;
type Target = buildConnector.Options;

/** The time limit of each step: TCP to the proxy or the platform, the tunnel, and TLS. */
const CONNECT_MS = 10_000;

/**
 * Opens every connection for a tenant: to its platform, and to the targets of redirects. The client certificate is only for the
 * platform's own origin, like the API key.
 */
export function createConnector({ baseUrl, proxy, ca, clientCertificate }: TenantConfig): Connector {
  const home = new URL(baseUrl);
  const atHome = buildConnector({ timeout: CONNECT_MS, ...contextOf(ca, clientCertificate) });
  const elsewhere = buildConnector({ timeout: CONNECT_MS, ...contextOf(ca) });
  return (target, callback) => {
    const done: buildConnector.Callback = (error, socket) => {
      // undici leaves the socket away with an error, whatever its types say.
      if (error !== null) callback(error, null);
      else callback(null, withoutContinue(socket));
    };
    const isHome = target.protocol === home.protocol && target.host === home.host;
    const connect = isHome ? atHome : elsewhere;
    const { hostname, port } = target;
    if (proxy === undefined || isExempt(proxy, hostname, port || '443')) {
      connect(target, done);
      return;
    }
    openTunnel(proxy, target, elsewhere).then(
      (socket) => {
        if (target.protocol === 'https:') connect({ ...target, httpSocket: socket }, done);
        else done(null, socket);
      },
      (error: unknown) => callback(error as Error, null),
    );
  };
}

function contextOf(
  ca: TenantConfig['ca'],
  client?: TenantConfig['clientCertificate'],
): { readonly secureContext?: SecureContext } {
  if (ca === undefined && client === undefined) return {};
  const secureContext = createSecureContext({
    // The authorities that are given here replace those that Node.js knows.
    ...(ca !== undefined && { ca: [...rootCertificates, ca] }),
    ...(client !== undefined && { cert: client.certificate, key: client.key.reveal() }),
  });
  return { secureContext };
}

/** Messages show only its code: the proxy's host and port, and what failed there. */
class ProxyFailure extends Error {
  readonly code: string;

  constructor(how: string, { origin }: Proxy) {
    const { host } = new URL(origin);
    super(`The proxy ${host} gave no tunnel.`);
    this.code = `${how} at the proxy ${host}`;
  }
}

function openTunnel(proxy: Proxy, { host, protocol, port }: Target, connect: Connector): Promise<Socket> {
  const { host: proxyHost, hostname, protocol: proxyProtocol, port: proxyPort } = new URL(proxy.origin);
  const way = {
    host: proxyHost,
    hostname: withoutBrackets(hostname),
    protocol: proxyProtocol,
    port: proxyPort,
  };
  const authority = port === '' ? `${host ?? ''}:${protocol === 'https:' ? 443 : 80}` : (host ?? '');
  const password = proxy.authorization && { 'proxy-authorization': proxy.authorization.reveal() };
  const limit = AbortSignal.timeout(CONNECT_MS);
  return new Promise((resolve, reject) => {
    request({
      createConnection: (_, done) => {
        connect(way, done as buildConnector.Callback);
        return undefined;
      },
      signal: limit,
      method: 'CONNECT',
      path: authority,
      headers: { host: authority, ...password },
    })
      .once('connect', ({ statusCode = 0 }, socket: Socket) => {
        if (statusCode >= 200 && statusCode < 300) {
          resolve(socket);
          return;
        }
        socket.destroy();
        reject(new ProxyFailure(String(statusCode), proxy));
      })
      .once('error', (error) =>
        reject(new ProxyFailure(limit.aborted ? 'no answer' : errorCode(error), proxy)),
      )
      .end();
  });
}
