import type { FileHandle } from 'node:fs/promises';
import { ArchivistError } from '../../domain/failures';

/**
 * Writes chunks one after the other at `position`, all of them: the system may take less than it is given.
 * @returns the position after the last byte
 */
export async function writeAll(
  file: FileHandle,
  position: number,
  chunks: readonly Uint8Array[],
): Promise<number> {
  let at = position;
  let left = chunks.filter(({ length }) => length > 0);
  while (left.length > 0) {
    const { bytesWritten } = await file.writev(left, at);
    if (bytesWritten === 0) throw new ArchivistError('StoreUnavailable', 'The store takes no more bytes.');
    at += bytesWritten;
    left = withoutFirst(left, bytesWritten);
  }
  return at;
}

function withoutFirst(chunks: readonly Uint8Array[], count: number): Uint8Array[] {
  let done = count;
  return chunks.flatMap((chunk) => {
    const rest = chunk.subarray(Math.min(done, chunk.length));
    done -= Math.min(done, chunk.length);
    return rest.length === 0 ? [] : [rest];
  });
}
