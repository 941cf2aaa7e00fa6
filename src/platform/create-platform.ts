import { Agent } from 'undici';
import type { TenantConfig } from '../config/load-config';
import type { EndpointName } from '../config/tenant-schema';
import { ArchivistError } from '../domain/failures';
import type { ArchiveKey, ConferenceId } from '../domain/ids';
import type { ArchiveRecord } from '../domain/record';
import { openAbandon, type AbandonRequest } from './abandon';
import { createAnswerLimit } from './answer-limit';
import { createAsk, discard, readBytes, refusal, type Answer, type Question } from './ask';
import { createConnector } from './connector';
import { beginDownload, type Download, type Part } from './download';
import { LIST, readList } from './list';
import { parseRecord, type ListedArchive } from './record';
import { createSubscriptions } from './subscriptions';

export interface PlatformOptions {
  /** Milliseconds without a byte before a connection counts as stalled; a minute. */
  readonly stalledAfterMs?: number;
  /**
   * Milliseconds for the whole of a small answer: a record, or one about subscriptions; 25 seconds. Lists and files may take
   * longer, as long as bytes arrive.
   */
  readonly answerLimitMs?: number;
}

/** Below the 30 seconds that Temporal gives short steps: the failure that names the limit reaches Temporal before its own timeout. */
const ANSWER_LIMIT_MS = 25_000;

/**
 * One tenant's platform. Every method throws `ArchivistError`: `PlatformUnavailable`, `CredentialsRejected` or
 * `ArchiveNotFound`, and stops when `signal` aborts.
 */
export type Platform = ReturnType<typeof createPlatform>;

/** Finds the platform of a tenant. @throws `UnknownTenant` if the configuration has no such tenant. */
export type PlatformOf = (tenant: ArchiveKey['tenant']) => Platform;

/** The platform of one tenant, over HTTP. */
export function createPlatform(
  tenant: TenantConfig,
  { stalledAfterMs = 60_000, answerLimitMs = ANSWER_LIMIT_MS }: PlatformOptions = {},
) {
  const connector = createConnector(tenant);
  const agent = new Agent({
    connect: connector,
    headersTimeout: stalledAfterMs,
    bodyTimeout: stalledAfterMs,
  });
  const ask = createAsk(agent, () => tenant.apiKey.reveal());
  const inTime = createAnswerLimit(answerLimitMs);

  /** Fills an endpoint's path template. Values are validated identifiers; it escapes them nevertheless. */
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
    throw refusal(question.what, answer);
  }

  return {
    /** Fetches the archive's record. @throws `RecordInvalid` if the answer is another archive's record. */
    async fetchRecord(key: ArchiveKey, signal: AbortSignal): Promise<ArchiveRecord> {
      const what = `the record of archive ${key.archiveId} of ${key.tenant}`;
      const url = addressOf('record', { ...key });
      const read = async (limited: AbortSignal): Promise<Buffer> =>
        readBytes(what, await askForSuccess({ what, method: 'GET', url }, limited), limited);
      return parseRecord(await inTime(what, signal, read), key);
    },

    /**
     * Begins to download the archive's zip from `part.from`, or from its beginning if the server cannot do that or the
     * file is no longer the same.
     */
    download(key: ArchiveKey, part: Part, signal: AbortSignal): Promise<Download> {
      const what = `the file of archive ${key.archiveId} of ${key.tenant}`;
      return beginDownload(ask, { what, url: addressOf('download', { ...key }) }, part, signal);
    },

    /**
     * Reads the list of the tenant's archives while it arrives.
     * @throws `PlatformUnavailable` at its end if it was cut short: the absence of an archive means nothing
     */
    list(signal: AbortSignal): AsyncIterable<ListedArchive> {
      const askPage = (url: string) => askForSuccess({ what: LIST, method: 'GET', url }, signal);
      return readList(addressOf('list'), askPage, signal);
    },

    /** Whether an abandon addresses a conference, and so all of its archives; otherwise only the archive. */
    abandonsConferences: tenant.endpoints.abandon.includes('{conferenceId}'),

    /**
     * Opens the connection of one request that tells the platform that the conference's archive is claimed, so that it may delete the
     * file. Nothing is sent yet. The caller closes it.
     */
    openAbandon(key: ArchiveKey, conferenceId: ConferenceId, signal: AbortSignal): Promise<AbandonRequest> {
      const what = `the abandon of archive ${key.archiveId} of ${key.tenant}`;
      const url = new URL(addressOf('abandon', { ...key, conferenceId }));
      const json = 'application/json';
      const headers = { accept: json, 'content-type': json, 'api-key': tenant.apiKey.reveal() };
      return openAbandon({ what, url, headers, stalledAfterMs, connector }, signal);
    },

    ...createSubscriptions(tenant, ask, inTime, addressOf),

    close: (): Promise<void> => agent.close(),
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
