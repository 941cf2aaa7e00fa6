import { request } from 'undici';
import type { Simulator } from '../../src/simulator';

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly bytes: Buffer;
  json(): Record<string, unknown>;
  list(): readonly Record<string, unknown>[];
}

/** Asks the platform's API as an administrator of the tenant. */
export async function ask(
  { url, apiKey }: Pick<Simulator, 'url' | 'apiKey'>,
  method: 'GET' | 'POST' | 'DELETE',
  path: string,
  body?: unknown,
): Promise<Answer> {
  const response = await request(`${url}/api/v2/communication${path}`, {
    method,
    headers: { 'api-key': apiKey, ...(body !== undefined && { 'content-type': 'application/json' }) },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  const bytes = Buffer.from(await response.body.arrayBuffer());
  return {
    status: response.statusCode,
    headers: response.headers,
    bytes,
    json: () => JSON.parse(bytes.toString()) as Record<string, unknown>,
    list: () => JSON.parse(bytes.toString()) as readonly Record<string, unknown>[],
  };
}

export const recordPath = (archiveId: string): string => `/archives/archives/${archiveId}`;
export const downloadPath = (archiveId: string): string => `/archives/archives/${archiveId}/download`;
export const abandonPath = (conferenceId: string): string =>
  `/conferences/conferences/${conferenceId}/archive/abandon`;
