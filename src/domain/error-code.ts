import { ArchivistError } from './failures';

/** What may be told of an error that was not made here: its code or, without one, its class. Never its text. */
export function errorCode(error: unknown): string {
  if (typeof error !== 'object' || error === null) return typeof error;
  const { code, name } = error as { readonly code?: unknown; readonly name?: unknown };
  if (typeof code === 'string') return code;
  return typeof name === 'string' ? name : 'unknown';
}

/** What may be told of any error: the message of one that was made here, which is safe to show; of another one its code. */
export function safeReasonOf(error: unknown): string {
  return error instanceof ArchivistError ? error.message : errorCode(error);
}
