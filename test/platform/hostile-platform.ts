import { createServer, type IncomingHttpHeaders, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { parseConfig, type TenantConfig } from '../../src/config/load-config';
import { parseArchiveId, parseConferenceId, parseTenantId } from '../../src/domain/ids';
import { createPlatform } from '../../src/platform/create-platform';
import type { AbandonAnswer } from '../../src/platform/abandon';
import type { Platform, PlatformOptions } from '../../src/platform/create-platform';

/** What nobody but the platform may see. */
export const API_KEY = 'MARKER-api-key';
export const KEY = { tenant: parseTenantId('mycompany'), archiveId: parseArchiveId('a1') };
const CONFERENCE = parseConferenceId('c1');

export interface SeenRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
}

export interface HostilePlatform {
  readonly url: string;
  /** Every request so far. */
  readonly seen: readonly SeenRequest[];
  /** What it does from now on. */
  answerWith(listener: RequestListener): void;
  /** The client of a tenant whose platform this is; closed with it. */
  client(keys?: object, options?: PlatformOptions): Platform;
  reset(): void;
  close(): Promise<void>;
}

/** A server on loopback that answers whatever a test wants of it. */
export async function startHostilePlatform(): Promise<HostilePlatform> {
  const seen: SeenRequest[] = [];
  const clients: Platform[] = [];
  let listener: RequestListener = (_, response) => response.writeHead(500).end();
  const server = createServer((request, response) => {
    seen.push({ method: request.method ?? '', url: request.url ?? '', headers: request.headers });
    response.on('error', () => undefined);
    listener(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url,
    seen,
    answerWith(next) {
      listener = next;
    },
    client(keys = {}, options = {}) {
      const platform = createPlatform(tenant({ baseUrl: url, ...keys }), options);
      clients.push(platform);
      return platform;
    },
    reset() {
      seen.length = 0;
    },
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await Promise.all(clients.map((client) => client.close()));
    },
  };
}

/** A tenant as the configuration gives it. */
export function tenant(keys: object): TenantConfig {
  const written = { tenants: { mycompany: { apiKey: API_KEY, ...keys } } };
  const { tenants } = parseConfig(JSON.stringify(written), '/srv/archivist.yaml', {});
  return tenants.get(KEY.tenant)!;
}

/** Answers with JSON. */
export function json(
  body: unknown,
  status = 200,
  headers: Readonly<Record<string, string>> = {},
): RequestListener {
  return (_, response) => {
    response.writeHead(status, { 'content-type': 'application/json', ...headers });
    response.end(JSON.stringify(body));
  };
}

/** A signal that never aborts. */
export function untouched(): AbortSignal {
  return new AbortController().signal;
}

/** What a promise was rejected with. */
export async function rejection(promise: Promise<unknown>): Promise<unknown> {
  try {
    await promise;
  } catch (error) {
    return error;
  }
  throw new Error('It was not rejected.');
}

/** Opens the connection of an abandon, sends the request, and closes it. */
export async function sendAbandon(platform: Platform): Promise<AbandonAnswer> {
  const request = await platform.openAbandon(KEY, CONFERENCE, AbortSignal.timeout(10_000));
  try {
    return await request.send(() => true);
  } finally {
    request.close();
  }
}
