import { fromRandomAccessReaderPromise, RandomAccessReader } from 'yauzl';
import { ArchivistError } from '../domain/failures';
import type { CopyReader } from './archive-store';

const WINDOW_BYTES = 256 * 1024;

/** The record at the end of every zip: 22 bytes and a comment, whose length is the last of its fields (APPNOTE 4.3.16). */
const END = {
  signature: Buffer.from('PK\x05\x06', 'latin1'),
  bytes: 22,
  commentAt: 20,
  longestComment: 0xffff,
};

/**
 * Walks the whole central directory of a zip, zip64 or not, without unpacking anything.
 * Memory does not grow with the number of entries.
 * @returns how many entries it has: files and folders
 * @throws `ZipUnreadable` if it is not a whole zip; what the store throws if the copy cannot be read
 */
export async function countZipEntries(reader: CopyReader): Promise<number> {
  let entries = 0;
  try {
    // Names are left undecoded: they may be personal data, and strange ones make no zip unreadable.
    const options = { decodeStrings: false };
    const zip = await fromRandomAccessReaderPromise(new ZipWindow(reader), await endOf(reader), options);
    for (const walk = zip.eachEntry(); (await walk.next()).done !== true;) entries += 1;
    return entries;
  } catch (error) {
    if (error instanceof ArchivistError) throw error;
    throw new ArchivistError(
      'ZipUnreadable',
      `The copy does not open as a zip: its directory breaks off after ${entries} entries.`,
    );
  }
}

/** The end of the zip: servers append a line break, and disks zeros, which every unpacker ignores and yauzl does not. */
async function endOf(reader: CopyReader): Promise<number> {
  const start = Math.max(0, reader.sizeBytes - END.bytes - END.longestComment);
  const tail = await reader.readAt(start, reader.sizeBytes - start);
  const at = tail.subarray(0, -(END.bytes - END.signature.length)).lastIndexOf(END.signature);
  if (at < 0) return reader.sizeBytes;
  return Math.min(reader.sizeBytes, start + at + END.bytes + tail.readUInt16LE(at + END.commentAt));
}

/**
 * Lets yauzl, which requests some dozen bytes at a time, read a copy through a window that moves over it: one read of the
 * store, which may be a request to S3, serves thousands of entries.
 */
class ZipWindow extends RandomAccessReader {
  #start = 0;
  #bytes: Buffer = Buffer.alloc(0);

  constructor(private readonly reader: CopyReader) {
    super();
  }

  override read(
    target: Buffer,
    offset: number,
    length: number,
    position: number,
    done: (error: Error | null, bytesRead?: number) => void,
  ): void {
    this.#bytesAt(position, length)
      .then((bytes) => done(null, bytes.copy(target, offset)))
      // This also reports what yauzl throws in its callback, which would otherwise be lost.
      .catch((error: unknown) => done(error instanceof Error ? error : new Error('unreadable')));
  }

  async #bytesAt(position: number, length: number): Promise<Buffer> {
    if (position + length > this.reader.sizeBytes) return Buffer.alloc(0);
    const from = position - this.#start;
    if (from >= 0 && from + length <= this.#bytes.length) return this.#bytes.subarray(from, from + length);
    this.#bytes = await this.reader.readAt(position, Math.max(length, WINDOW_BYTES));
    this.#start = position;
    return this.#bytes.subarray(0, length);
  }
}
