import type { ServerResponse } from 'node:http';
import type { ListedArchive } from '../../src/platform/record';
import type { Platform } from '../../src/platform/create-platform';
import { untouched } from './hostile-platform';

export const NOT_WHOLE = { type: 'PlatformUnavailable' };

export interface Read {
  readonly archives: readonly ListedArchive[];
  readonly ids: readonly unknown[];
  /** Absent where the list came to its end. */
  readonly error?: unknown;
}

/** Reads the list to its end, or to where it broke off. */
export async function readList(platform: Platform, onArchive?: () => void): Promise<Read> {
  const archives: ListedArchive[] = [];
  const read = () => ({ archives, ids: archives.map(({ archiveId }) => archiveId) });
  try {
    for await (const archive of platform.list(untouched())) {
      archives.push(archive);
      onArchive?.();
    }
    return read();
  } catch (error) {
    return { ...read(), error };
  }
}

/** Ends an answer with JSON, or with a text as it is. */
export function endWith(
  response: ServerResponse,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
  status = 200,
): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(typeof body === 'string' || Buffer.isBuffer(body) ? body : JSON.stringify(body));
}
