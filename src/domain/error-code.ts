import { ArchivistError, type FailureType } from './failures';

/** What is safe to show of a foreign error: its code or, without one, its class. Never its text. */
export function errorCode(error: unknown): string {
  if (typeof error !== 'object' || error === null) return typeof error;
  const { code, name } = error as { readonly code?: unknown; readonly name?: unknown };
  if (typeof code === 'string') return code;
  return typeof name === 'string' ? name : 'unknown';
}

/** What is safe to show of any error: the message of an `ArchivistError`, or the code of another error. */
export function safeReasonOf(error: unknown): string {
  return error instanceof ArchivistError ? error.message : errorCode(error);
}

/** The stack of an error without its message, which may hold anything. */
export function stackFrames(error: unknown): string[] {
  if (!(error instanceof Error)) return [];
  return (error.stack ?? '').split('\n').filter((line) => /^\s+at .*:\d+:\d+\)?$/.test(line));
}

/** The result of `work`; `undefined` if it fails with one of `types`. */
export async function unless<Result>(
  types: readonly FailureType[],
  work: Promise<Result>,
): Promise<Result | undefined> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof ArchivistError && types.includes(error.type)) return undefined;
    throw error;
  }
}
