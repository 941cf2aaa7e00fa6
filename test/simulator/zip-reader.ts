import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { crc32 } from 'node:zlib';
import { fromRandomAccessReaderPromise, RandomAccessReader, type Entry, type ZipFile } from 'yauzl';
import { excerpt, slices, type ByteSource } from '../../src/simulator/content/bytes';

export interface ReadFile {
  readonly name: string;
  readonly size: number;
  readonly bytes: Buffer;
  readonly crcIsRight: boolean;
  readonly modifiedAt: Date;
}

class SourceReader extends RandomAccessReader {
  readonly #source: ByteSource;

  constructor(source: ByteSource) {
    super();
    this.#source = source;
  }

  override _readStreamForRange(start: number, end: number): Readable {
    return Readable.from(slices(excerpt(this.#source, start, end)));
  }
}

/** Opens a zip by position, without reading what is not asked for. */
export function openZip(source: ByteSource): Promise<ZipFile> {
  return fromRandomAccessReaderPromise(new SourceReader(source), source.length, {
    lazyEntries: true,
    autoClose: false,
  });
}

export async function entriesOf(zip: ZipFile): Promise<readonly Entry[]> {
  const entries: Entry[] = [];
  for await (const entry of zip.eachEntry()) entries.push(entry);
  return entries;
}

export async function readFile(zip: ZipFile, entry: Entry): Promise<ReadFile> {
  const bytes = await buffer(await zip.openReadStreamPromise(entry));
  const local = await zip.readLocalFileHeaderPromise(entry);
  return {
    name: entry.fileName,
    size: entry.uncompressedSize,
    bytes,
    crcIsRight: crc32(bytes) === entry.crc32 && local.crc32 === entry.crc32,
    modifiedAt: entry.getLastModDate({ timezone: 'UTC' }),
  };
}

/** Every file of a zip, whole. */
export async function filesOf(source: ByteSource): Promise<readonly ReadFile[]> {
  const zip = await openZip(source);
  const files: ReadFile[] = [];
  for (const entry of await entriesOf(zip)) files.push(await readFile(zip, entry));
  return files;
}
