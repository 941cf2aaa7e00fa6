import { ArchivistError } from '../../domain/failures';
import type { ArchiveKey } from '../../domain/ids';

const NO_ROOM: readonly string[] = ['ENOSPC', 'EDQUOT'];
/** The meaning in words, if the code alone would not tell a person what to do. */
const MEANINGS: Readonly<Record<string, string>> = {
  EXDEV:
    'everything below the store must be on one filesystem, without mounts and links to others, as copies are moved into their place',
  EROFS: 'it can only be read',
};

/**
 * Runs `work` and turns errors of the operating system into `StoreFull` or `StoreUnavailable`. The message says
 * which `task` failed, in the infinitive, and the error's code; the system's own text, which holds paths, is dropped.
 */
export async function named<T>(task: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const code = codeOf(error);
    if (code === undefined) throw error;
    throw NO_ROOM.includes(code)
      ? new ArchivistError('StoreFull', `Could not ${task}: the store has no room left (${code}).`)
      : new ArchivistError(
          'StoreUnavailable',
          `Could not ${task}: ${MEANINGS[code] ?? 'the store failed'} (${code}).`,
        );
  }
}

/** The code of an error of the operating system, `ENOENT` and the like; `undefined` for any other error. */
export function codeOf(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null || !('syscall' in error) || !('code' in error)) {
    return undefined;
  }
  return typeof error.code === 'string' ? error.code : undefined;
}

/**
 * The errors for an unreadable sector, and for damaged metadata of ext4 and XFS: EUCLEAN (117) and EBADMSG (74), which libuv
 * does not know on Linux. EACCES is missing on purpose: the operator can fix permissions.
 */
const DAMAGED: readonly (string | undefined)[] = [
  'EIO',
  'Unknown system error -117',
  'Unknown system error -74',
];

/** Whether the copy itself is damaged: waiting for the store does not bring its bytes back. */
export function isUnreadable(error: unknown): boolean {
  return DAMAGED.includes(codeOf(error));
}

/** The result of `asked`; `undefined` if the copy is damaged. */
export function unlessUnreadable<T>(asked: Promise<T>): Promise<T | undefined> {
  return undefinedIf(isUnreadable, asked);
}

/** Whether the error says that there is no such file or directory. */
export function isMissing(error: unknown): boolean {
  const code = codeOf(error);
  return code === 'ENOENT' || code === 'ENOTDIR';
}

/** The result of `asked`; `undefined` if there is no such file or directory. */
export function ifThere<T>(asked: Promise<T>): Promise<T | undefined> {
  return undefinedIf(isMissing, asked);
}

async function undefinedIf<T>(
  isExpected: (error: unknown) => boolean,
  asked: Promise<T>,
): Promise<T | undefined> {
  try {
    return await asked;
  } catch (error) {
    if (isExpected(error)) return undefined;
    throw error;
  }
}

export function copyMissing({ archiveId }: ArchiveKey): ArchivistError {
  return new ArchivistError('CopyMissing', `The store has no such copy of archive ${archiveId}.`);
}
