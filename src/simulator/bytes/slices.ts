import { setImmediate as yieldToOthers } from 'node:timers/promises';
import type { ByteSource } from './byte-source';

const SLICE_BYTES = 256 * 1024;

/**
 * Gives a whole source in order, in slices of well under a millisecond's work, and lets everything else on the event
 * loop run in between.
 * @throws the signal's reason, once it is aborted
 */
export async function forEachSlice(
  source: ByteSource,
  use: (slice: Buffer) => void,
  signal: AbortSignal,
): Promise<void> {
  for (let offset = 0; offset < source.length; offset += SLICE_BYTES) {
    if (offset > 0) await yieldToOthers();
    signal.throwIfAborted();
    use(source.read(offset, Math.min(SLICE_BYTES, source.length - offset)));
  }
}
