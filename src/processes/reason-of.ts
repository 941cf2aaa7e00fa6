import { types } from 'node:util';

/** The sentence that says what went wrong. `fetch` says only that it failed, and has the reason in the cause. */
export function reasonOf(error: unknown): string {
  if (!types.isNativeError(error)) return String(error);
  if (types.isNativeError(error.cause)) return reasonOf(error.cause);
  return error.message === '' ? error.name : error.message;
}
