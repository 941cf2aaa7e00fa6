import { Agent } from 'undici';
import type { TenantConfig } from '../config/load-config';
import type { EndpointName } from '../config/tenant-schema';
import { ArchivistError } from '../domain/failures';
import type { ArchiveKey } from '../domain/ids';
import { openAbandon } from './abandon';
import { createAsk, discard, readText, refusal, type Answer, type Question } from './ask';
import { beginDownload } from './download';
import { readList } from './list';
import type { Platform, PlatformOf } from './platform';
import { parseRecord } from './record';
import { createSubscriptions } from './subscriptions';

export interface PlatformOptions {
  /** Milliseconds without a byte before a connection counts as stalled; a minute. */
  readonly stalledAfterMs?: number;
}

/** The platform of one tenant, over HTTP. */
export function createPlatform(
  tenant: TenantConfig,
  { stalledAfterMs = 60_000 }: PlatformOptions = {},
): Platform {
  const agent = new Agent({
    connect: { timeout: 10_000 },
    headersTimeout: stalledAfterMs,
    bodyTimeout: stalledAfterMs,
  });
  const ask = createAsk(agent, () => tenant.apiKey.reveal());

  /** Fills an endpoint's path template. Values are validated identifiers; they are escaped all the same. */
  function addressOf(endpoint: EndpointName, values: Readonly<Record<string, string>> = {}): string {
    const path = tenant.endpoints[endpoint].replace(/\{(\w+)\}/g, (_, name: string) =>
      encodeURIComponent(values[name] ?? ''),
    );
    return `${tenant.baseUrl}${tenant.apiPrefix}${path}`;
  }

  async function askForSuccess(question: Question, signal: AbortSignal): Promise<Answer> {
    const answer = await ask(question, signal);
    if (answer.statusCode >= 200 && answer.statusCode < 300) return answer;
    await discard(answer, signal);
    signal.throwIfAborted();
    throw refusal(question.what, answer);
  }

  return {
    async fetchRecord(key, signal) {
      const what = `the record of archive ${key.archiveId} of ${key.tenant}`;
      const url = addressOf('record', { ...key });
      const answer = await askForSuccess({ what, method: 'GET', url }, signal);
      return parseRecord(await readText(what, answer, signal), key);
    },

    download(key, part, signal) {
      const what = `the file of archive ${key.archiveId} of ${key.tenant}`;
      return beginDownload(ask, { what, url: addressOf('download', { ...key }) }, part, signal);
    },

    async *list(signal) {
      const what = 'the list of archives';
      const askPage = (url: string) => askForSuccess({ what, method: 'GET', url }, signal);
      yield* readList(what, addressOf('list'), askPage, signal);
    },

    abandonsConferences: tenant.endpoints.abandon.includes('{conferenceId}'),

    openAbandon(key, conferenceId, signal) {
      const what = `the abandon of archive ${key.archiveId} of ${key.tenant}`;
      const url = new URL(addressOf('abandon', { ...key, conferenceId }));
      const content = { accept: 'application/json', 'content-type': 'application/json' };
      const headers = { ...content, 'api-key': tenant.apiKey.reveal() };
      return openAbandon({ what, url, headers, stalledAfterMs }, signal);
    },

    ...createSubscriptions(tenant, ask, addressOf),

    close: () => agent.close(),
  };
}

export function createPlatforms(
  tenants: ReadonlyMap<ArchiveKey['tenant'], TenantConfig>,
  options: PlatformOptions = {},
) {
  const platforms = new Map([...tenants].map(([name, tenant]) => [name, createPlatform(tenant, options)]));
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
