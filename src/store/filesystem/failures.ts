import { ArchivistError } from '../../domain/failures';

const NO_ROOM: readonly string[] = ['ENOSPC', 'EDQUOT'];

/**
 * Runs `work` and gives what the operating system refuses a name: `StoreFull` or `StoreUnavailable`. The message says
 * which `task` failed, in the infinitive, and the error's code; the system's own text, which holds paths, is dropped.
 */
export async function named<T>(task: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw withName(task, error);
  }
}

/** The code of an error of the operating system, `ENOENT` and the like; `undefined` for any other error. */
export function codeOf(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null || !('syscall' in error) || !('code' in error)) {
    return undefined;
  }
  return typeof error.code === 'string' ? error.code : undefined;
}

/** Whether the error says that there is no such file or directory. */
export function isMissing(error: unknown): boolean {
  const code = codeOf(error);
  return code === 'ENOENT' || code === 'ENOTDIR';
}

function withName(task: string, error: unknown): unknown {
  const code = codeOf(error);
  if (code === undefined) return error;
  return NO_ROOM.includes(code)
    ? new ArchivistError('StoreFull', `Could not ${task}: the store has no room left (${code}).`)
    : new ArchivistError('StoreUnavailable', `Could not ${task}: the store failed (${code}).`);
}
