import type { BigIntStats } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import type { ArchiveKey } from '../../domain/ids';
import { SEALED, type CopyReader } from '../archive-store';
import { ArchivistError } from '../../domain/failures';
import { BAG_FILES } from '../bag';
import { codeOf, copyMissing, ifThere, isUnreadable, named } from './failures';
import type { Layout } from './layout';
import { refuseForeignBag } from './sealed-bag';
import { markOf, readNote } from './transfer-note';

const CHUNK_BYTES = 1024 * 1024;
/** Milliseconds after its last byte for which a copy's read-back digest is valid: later, the copy may have decayed. */
const READ_BACK_COUNTS_MS = 60 * 60_000;

/** Opens the archive of an incoming copy or of the sealed bag. */
export async function openCopy(layout: Layout, key: ArchiveKey, copyId: string): Promise<CopyReader> {
  if (copyId === SEALED) await refuseForeignBag(layout, key);
  const directory = copyId === SEALED ? layout.bag(key) : layout.copy(key, copyId);
  // Read first: a failure after the file is opened would leave it open.
  const readBack = copyId === SEALED ? undefined : (await readNote(directory))?.readBack;
  const opened = ifThere(openFile(join(directory, BAG_FILES.payload)));
  const found = await opened.catch((error: unknown) => {
    throw isUnreadable(error) ? unreadable(key, error) : error;
  });
  if (found === undefined) throw copyMissing(key);
  const { file, stats } = found;
  const readAt = (position: number, length: number) =>
    named(`read a copy of archive ${key.archiveId}`, () => readFrom(file, key, position, length));
  return {
    sizeBytes: Number(stats.size),
    // The digest that was read back while the copy arrived is valid as long as size and times of the file are unchanged.
    ...(readBack?.file === markOf(stats) &&
      Math.abs(Date.now() - Number(stats.mtimeMs)) < READ_BACK_COUNTS_MS && { readBack: readBack.sha256 }),
    stream: () => streamOf(readAt),
    readAt,
    close: () => named(`close a copy of archive ${key.archiveId}`, () => file.close()),
  };
}

/** Reads size and times from the open file, because another file may take its name meanwhile. */
async function openFile(path: string): Promise<{ readonly file: FileHandle; readonly stats: BigIntStats }> {
  const file = await open(path, 'r');
  try {
    return { file, stats: await file.stat({ bigint: true }) };
  } catch (error) {
    await file.close().catch(() => undefined);
    throw error;
  }
}

async function readFrom(
  file: FileHandle,
  key: ArchiveKey,
  position: number,
  length: number,
): Promise<Buffer> {
  const buffer = Buffer.allocUnsafe(length);
  let done = 0;
  try {
    while (done < length) {
      const { bytesRead } = await file.read(buffer, done, length - done, position + done);
      if (bytesRead === 0) break;
      done += bytesRead;
    }
  } catch (error) {
    throw isUnreadable(error) ? unreadable(key, error) : error;
  }
  return buffer.subarray(0, done);
}

function unreadable({ archiveId }: ArchiveKey, error: unknown): ArchivistError {
  return new ArchivistError(
    'CopyMissing',
    `A part of the copy of archive ${archiveId} cannot be read (${codeOf(error)}).`,
  );
}

/** Replaces the handle's own stream, whose errors have neither a name nor a safe text. */
function streamOf(readAt: CopyReader['readAt']): Readable {
  let position = 0;
  return new Readable({
    highWaterMark: CHUNK_BYTES,
    read() {
      readAt(position, CHUNK_BYTES).then(
        (chunk) => {
          position += chunk.length;
          this.push(chunk.length === 0 ? null : chunk);
        },
        (error: unknown) => this.destroy(error instanceof Error ? error : undefined),
      );
    },
  });
}
