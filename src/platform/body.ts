import type { Dispatcher } from 'undici';
import { ArchivistError } from '../domain/failures';
import { breakdown } from './answer';

/** Milliseconds that the rest of an answer is waited for when only its status counts. */
const UNWANTED = 2_000;
/** A record is a few KiB; more than this is no record. */
const LARGEST_RECORD = 8 * 1024 * 1024;

/** Reads a body that nobody wants to its end, so that the connection can serve again; but not for long. */
export async function discard({ body }: Dispatcher.ResponseData, signal: AbortSignal): Promise<void> {
  const enough = AbortSignal.any([signal, AbortSignal.timeout(UNWANTED)]);
  await body.dump({ limit: 64 * 1024, signal: enough }).catch(() => undefined);
}

/** Closes the connection of a body that nobody wants. */
export function drop({ body }: Dispatcher.ResponseData): void {
  body.on('error', () => undefined).destroy();
}

/** Reads a body of a record's size. @throws `PlatformUnavailable` where it breaks off or is too large */
export async function readText(
  what: string,
  { body }: Dispatcher.ResponseData,
  signal: AbortSignal,
): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of body) {
      size += (chunk as Buffer).length;
      if (size > LARGEST_RECORD) break;
      chunks.push(chunk as Buffer);
    }
  } catch (error) {
    signal.throwIfAborted();
    throw breakdown(what, error);
  }
  if (size > LARGEST_RECORD)
    throw new ArchivistError('PlatformUnavailable', `The answer for ${what} is too large to be a record.`);
  return Buffer.concat(chunks).toString('utf8');
}
