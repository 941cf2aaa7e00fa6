import { fromRandomAccessReader, type ZipFile } from 'yauzl';
import { ArchivistError } from '../domain/failures';
import type { CopyReader } from './archive-store';
import { ZipWindow } from './zip-window';

/** Names are left undecoded: they may be personal data, and strange ones make no zip unreadable. */
const OPTIONS = { lazyEntries: true, autoClose: false, decodeStrings: false } as const;

/**
 * Walks the whole central directory of a zip, zip64 or not, without unpacking anything.
 * Memory does not grow with the number of entries.
 * @returns how many entries it has: files and folders
 * @throws `ZipUnreadable` if it is not a whole zip; what the store throws if the copy cannot be read
 */
export async function countZipEntries(
  reader: CopyReader,
  { signal }: { readonly signal?: AbortSignal } = {},
): Promise<number> {
  signal?.throwIfAborted();
  let entries = 0;
  try {
    await walk(reader, signal, () => (entries += 1));
    return entries;
  } catch (error) {
    signal?.throwIfAborted();
    if (error instanceof ArchivistError) throw error;
    throw new ArchivistError(
      'ZipUnreadable',
      `The copy does not open as a zip: its directory breaks off after ${entries} entries.`,
    );
  }
}

function walk(reader: CopyReader, signal: AbortSignal | undefined, onEntry: () => void): Promise<void> {
  return new Promise((resolve, reject) => {
    const window = new ZipWindow(reader, signal, reject);
    fromRandomAccessReader(window, reader.sizeBytes, OPTIONS, (error, zip: ZipFile | undefined) => {
      if (error !== null || zip === undefined) {
        reject(error ?? new Error('no zip'));
        return;
      }
      zip.on('error', reject);
      zip.on('end', resolve);
      zip.on('entry', () => {
        onEntry();
        zip.readEntry();
      });
      zip.readEntry();
    });
  });
}
