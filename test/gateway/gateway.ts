import { Writable } from 'node:stream';
import type { FastifyInstance } from 'fastify';
import pino, { type Logger } from 'pino';
import { parseConfig, type Config } from '../../src/config/load-config';
import type { ArchiveKey } from '../../src/domain/ids';
import { createApp } from '../../src/gateway/http/app';
import { createCallers } from '../../src/gateway/http/callers';
import type { CertificateFiles } from '../../src/gateway/http/certificate';
import type { Check } from '../../src/gateway/http/health';
import type { Acceptance } from '../../src/gateway/intake';
import { createMetrics, type GatewayMetrics } from '../../src/gateway/metrics';

export const SECRET = 'secret-of-mycompany-0000';
export const PATH = `/callbacks/flexperto/${SECRET}`;
export const TOPIC = 'communication.archives.archive.available';

export interface GatewayOptions {
  readonly tenants?: object;
  readonly trustedProxies?: readonly string[];
  readonly tls?: CertificateFiles;
  readonly checks?: Readonly<Record<string, Check>>;
  readonly isStopping?: () => boolean;
  readonly log?: Logger;
}

export interface TestGateway {
  readonly app: FastifyInstance;
  readonly metrics: GatewayMetrics;
  readonly url: string;
  readonly port: number;
  /** What was taken in. */
  readonly taken: readonly ArchiveKey[];
  /** What the intake does from now on; it accepts at first. */
  intakeGives(outcome: () => Promise<Acceptance>): void;
  post(body: unknown, path?: string, headers?: Readonly<Record<string, string>>): Promise<Response>;
  close(): Promise<void>;
}

/** The gateway over HTTP, with an intake that only records. */
export async function startTestGateway(options: GatewayOptions = {}): Promise<TestGateway> {
  const taken: ArchiveKey[] = [];
  let outcome = (): Promise<Acceptance> => Promise.resolve('accepted');
  const { tenants } = gatewayConfig(options.tenants);
  const metrics = createMetrics();
  const log = options.log ?? pino({ level: 'silent' });
  const callers = createCallers(tenants, { listCallbackSecrets: () => Promise.resolve([]) }, log);
  const app = createApp({
    trustedProxies: options.trustedProxies ?? [],
    tls: options.tls,
    identify: callers.identify,
    intake: (key) => {
      taken.push(key);
      return outcome();
    },
    checks: options.checks ?? {},
    isStopping: options.isStopping ?? (() => false),
    metrics,
    log,
  });
  const url = await app.listen({ host: '127.0.0.1', port: 0 });
  return {
    app,
    metrics,
    url,
    port: Number(new URL(url).port),
    taken,
    intakeGives(next) {
      outcome = next;
    },
    post: (body, path = PATH, headers = {}) => post(url + path, body, headers),
    async close() {
      callers.close();
      const closing = app.close();
      // Connections that a client keeps would hold it.
      app.server.closeAllConnections();
      await closing;
    },
  };
}

/** A configuration with one tenant, or these. */
export function gatewayConfig(tenants: object = { mycompany: tenant(SECRET) }, keys: object = {}): Config {
  return parseConfig(JSON.stringify({ tenants, ...keys }), '/srv/archivist.yaml', {});
}

export function tenant(secret: string, keys: object = {}): object {
  return { baseUrl: 'https://x.live.flexperto.com', apiKey: 'k', callbackSecrets: [secret], ...keys };
}

/** Sends text and bytes as they are, anything else as JSON. */
export async function post(url: string, body: unknown, headers: Readonly<Record<string, string>> = {}) {
  return await fetch(url, {
    method: 'POST',
    redirect: 'manual',
    headers: { 'content-type': 'application/json', ...headers },
    body: typeof body === 'string' || body instanceof Uint8Array ? body : JSON.stringify(body),
  });
}

/** A notification as the platform's guide shows it. */
export function notification(archiveId: unknown = 'abc123', topic: unknown = TOPIC): object {
  return {
    data: { archive_id: archiveId, archive_subject: { conference_id: 'xzy789', meta: {} } },
    meta: { audience: '*', tenant: 'mycompany', topic },
  };
}

/** A log that is kept in memory, at its most talkative and with nothing taken out. */
export function memoryLog(): { readonly log: Logger; text(): string } {
  const lines: string[] = [];
  const sink = new Writable({
    write(chunk, _encoding, done) {
      lines.push(String(chunk));
      done();
    },
  });
  return { log: pino({ level: 'trace' }, sink), text: () => lines.join('') };
}
