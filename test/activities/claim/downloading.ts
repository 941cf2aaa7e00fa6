import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { setTimeout as pause } from 'node:timers/promises';
import type { Dependencies } from '../../../src/activities/dependencies';
import type { ArchiveFacts, DownloadedCopy, SecuredArchive } from '../../../src/domain/claim';
import type { ArchiveKey } from '../../../src/domain/ids';
import type { RequestEntry } from '../../../src/simulator';
import { activityEnvironment, type ActivityEnvironment } from '../../support/activity-environment';
import type { ActivitySite } from '../activity-site';

export const MIB = 1024 * 1024;
/** An attempt that takes longer than this goes round in circles. */
const LONGEST_MS = 20_000;

type Other = Partial<Dependencies> & { readonly attempt?: number };

/** One attempt at a download, as Temporal would make it; it is cancelled where it does not end. */
export async function attempt(
  site: ActivitySite,
  key: ArchiveKey,
  facts: ArchiveFacts,
  { attempt: count = 1, ...other }: Other = {},
  environment: ActivityEnvironment = activityEnvironment(count),
): Promise<DownloadedCopy> {
  const circling = new AbortController();
  const timer = setTimeout(() => {
    circling.abort(new Error('It did not end.'));
    environment.cancel();
  }, LONGEST_MS);
  try {
    return await site.runWith({ ...other, environment }, 'downloadArchive', key, facts);
  } catch (error) {
    circling.signal.throwIfAborted();
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

/** What a failed attempt at a download told Temporal. */
export async function failure(attempted: Promise<unknown>) {
  try {
    await attempted;
  } catch (error) {
    return error as Error & { readonly type?: string; readonly nonRetryable?: boolean };
  }
  throw new Error('It did not fail.');
}

/** Tries as a claim does: until the copy is whole and proven. */
export async function bring(
  site: ActivitySite,
  key: ArchiveKey,
  facts: ArchiveFacts,
  other: Partial<Dependencies> = {},
): Promise<{ readonly secured: SecuredArchive; readonly failures: readonly (string | undefined)[] }> {
  const failures: (string | undefined)[] = [];
  for (let count = 1; count <= 5; count += 1) {
    try {
      const copy = await attempt(site, key, facts, { ...other, attempt: count });
      const secured = await site.runWith(other, 'verifyCopy', key, facts, copy);
      return { secured, failures };
    } catch (error) {
      const { type, message } = error as Error & { readonly type?: string };
      failures.push(type ?? message);
    }
  }
  throw new Error(`It was tried five times: ${failures.join(', ')}`);
}

/** What the platform was asked of an archive's file, oldest first. */
export async function downloadsOf(site: ActivitySite, { archiveId }: ArchiveKey) {
  const entries = await site.simulator.journal({ kind: 'request', archiveId });
  return entries.filter(
    (entry): entry is typeof entry & RequestEntry =>
      entry.kind === 'request' && entry.endpoint === 'download',
  );
}

/** Resolves when so many requests for an archive's file have ended; the platform notices later that somebody went away. */
export async function untilDownloads(site: ActivitySite, key: ArchiveKey, count: number) {
  for (;;) {
    const downloads = await downloadsOf(site, key);
    if (downloads.length >= count) return downloads;
    await pause(10);
  }
}

/** The files of an archive's incoming copies. */
export async function incomingFiles({ store }: ActivitySite, key: ArchiveKey): Promise<readonly string[]> {
  const root = join(fileURLToPath(store.locationOf(key)), '../..');
  const incoming = join(root, '.incoming', key.tenant, key.archiveId);
  const copies = await readdir(incoming).catch(() => []);
  return copies.map((copy) => join(incoming, copy, 'data/archive.zip'));
}

/** Bytes of an archive's incoming copies, one by one. */
export async function incomingSizes(site: ActivitySite, key: ArchiveKey): Promise<readonly number[]> {
  const files = await incomingFiles(site, key);
  const sizeOf = (file: string) =>
    stat(file).then(
      ({ size }) => size,
      () => 0,
    );
  return await Promise.all(files.map(sizeOf));
}
