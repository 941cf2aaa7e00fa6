import { Agent, request, type Dispatcher } from 'undici';
import type { TenantConfig } from '../config/load-config';
import type { EndpointName } from '../config/tenant-schema';
import { ArchivistError } from '../domain/failures';
import type { ArchiveKey } from '../domain/ids';
import { breakdown, refusal } from './answer';
import type { Download, Platform, PlatformOf } from './platform';
import { parseRecord } from './record';

/** Milliseconds without a byte before a connection counts as stalled. */
const STALLED = 60_000;
/** Milliseconds that the rest of an answer is waited for when only its status counts. */
const UNWANTED = 2_000;
/** A record is a few KiB; more than this is no record. */
const LARGEST_RECORD = 8 * 1024 * 1024;

/** The platform of one tenant, over HTTP. Redirects are not followed, so that the API key goes to `baseUrl` only. */
export function createPlatform(tenant: TenantConfig): Platform {
  const agent = new Agent({ connect: { timeout: 10_000 }, headersTimeout: STALLED, bodyTimeout: STALLED });

  async function ask(
    what: string,
    method: 'GET' | 'POST',
    url: string,
    headers: object,
    signal: AbortSignal,
  ) {
    const answer = await send(what, method, url, headers, signal);
    if (answer.statusCode >= 200 && answer.statusCode < 300) return answer;
    await discard(answer, signal);
    signal.throwIfAborted();
    throw refusal(what, answer.statusCode, answer.headers);
  }

  async function send(
    what: string,
    method: 'GET' | 'POST',
    url: string,
    headers: object,
    signal: AbortSignal,
  ) {
    try {
      return await request(url, {
        method,
        signal,
        dispatcher: agent,
        headers: { ...headers, 'api-key': tenant.apiKey.reveal() },
      });
    } catch (error) {
      signal.throwIfAborted();
      throw breakdown(what, error);
    }
  }

  return {
    async fetchRecord(key, signal) {
      const what = `the record of archive ${key.archiveId} of ${key.tenant}`;
      const answer = await ask(
        what,
        'GET',
        addressOf(tenant, 'record', { ...key }),
        { accept: 'application/json' },
        signal,
      );
      return parseRecord(await readText(what, answer, signal), key);
    },

    async download(key, signal) {
      const what = `the file of archive ${key.archiveId} of ${key.tenant}`;
      const headers = { accept: 'application/zip, */*', 'accept-encoding': 'identity' };
      const answer = await ask(what, 'GET', addressOf(tenant, 'download', { ...key }), headers, signal);
      return wholeFile(what, answer);
    },

    async abandon(key, conferenceId, signal) {
      const what = `the abandon of archive ${key.archiveId} of ${key.tenant}`;
      const headers = { accept: 'application/json', 'content-type': 'application/json' };
      const answer = await ask(
        what,
        'POST',
        addressOf(tenant, 'abandon', { ...key, conferenceId }),
        headers,
        signal,
      );
      await discard(answer, signal);
    },

    close: () => agent.close(),
  };
}

/** Fills an endpoint's path template. Values are validated identifiers; they are escaped all the same. */
function addressOf(
  tenant: TenantConfig,
  endpoint: EndpointName,
  values: Readonly<Record<string, string>>,
): string {
  const path = tenant.endpoints[endpoint].replace(/\{(\w+)\}/g, (_, name: string) =>
    encodeURIComponent(values[name] ?? ''),
  );
  return `${tenant.baseUrl}${tenant.apiPrefix}${path}`;
}

/** Reads a body that nobody wants to its end, so that the connection can serve again; but not for long. */
async function discard({ body }: Dispatcher.ResponseData, signal: AbortSignal): Promise<void> {
  const enough = AbortSignal.any([signal, AbortSignal.timeout(UNWANTED)]);
  await body.dump({ limit: 64 * 1024, signal: enough }).catch(() => undefined);
}

function wholeFile(what: string, { statusCode, headers, body }: Dispatcher.ResponseData): Download {
  const encoding = headers['content-encoding'];
  if (statusCode === 200 && (encoding === undefined || encoding === 'identity')) {
    const length = Number(headers['content-length']);
    return { body, ...(Number.isSafeInteger(length) && { contentLength: length }) };
  }
  body.on('error', () => undefined).destroy();
  const problem =
    statusCode === 200
      ? 'was encoded though that was not asked for'
      : `came with status ${statusCode}, not 200`;
  throw new ArchivistError('PlatformUnavailable', `The answer for ${what} ${problem}.`);
}

async function readText(
  what: string,
  { body }: Dispatcher.ResponseData,
  signal: AbortSignal,
): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of body) {
      size += (chunk as Buffer).length;
      if (size > LARGEST_RECORD) break;
      chunks.push(chunk as Buffer);
    }
  } catch (error) {
    signal.throwIfAborted();
    throw breakdown(what, error);
  }
  if (size > LARGEST_RECORD)
    throw new ArchivistError('PlatformUnavailable', `The answer for ${what} is too large to be a record.`);
  return Buffer.concat(chunks).toString('utf8');
}

/** All tenants' platforms. */
export function createPlatforms(tenants: ReadonlyMap<ArchiveKey['tenant'], TenantConfig>) {
  const platforms = new Map([...tenants].map(([name, tenant]) => [name, createPlatform(tenant)]));
  const platformOf: PlatformOf = (tenant) => {
    const platform = platforms.get(tenant);
    if (platform !== undefined) return platform;
    throw new ArchivistError('UnknownTenant', `This worker's configuration has no tenant ${tenant}.`);
  };
  return {
    platformOf,
    async close(): Promise<void> {
      await Promise.all([...platforms.values()].map((platform) => platform.close()));
    },
  };
}
