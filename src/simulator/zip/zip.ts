import { inMemory, type ByteSource } from '../bytes/byte-source';
import { concatenation } from '../bytes/concatenation';
import { directoryHeader, endOfDirectory, localHeader, type ZipFile } from './zip-records';

/** A file of a zip with its bytes. */
export interface ZipEntry {
  readonly name: string;
  readonly content: ByteSource;
  readonly crc32: number;
  readonly modifiedAt: Date;
}

/** A zip whose entries are stored one after the other, with the central directory behind them. */
export function zip(entries: readonly ZipEntry[], zip64: boolean): ByteSource {
  const parts: ByteSource[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const entry of entries) {
    const file = fileOf(entry);
    const header = localHeader(file, zip64);
    directory.push(directoryHeader(file, offset, zip64));
    parts.push(inMemory(header), entry.content);
    offset += header.length + entry.content.length;
  }
  const lines = Buffer.concat(directory);
  const end = endOfDirectory({ offset, size: lines.length, files: entries.length }, zip64);
  return concatenation([...parts, inMemory(lines), inMemory(end)]);
}

/** Bytes that a zip needs besides its entries. */
export function endOverhead(zip64: boolean): number {
  return endOfDirectory({ offset: 0, size: 0, files: 0 }, zip64).length;
}

/** Bytes that a zip needs for an entry besides its content. */
export function entryOverhead(name: string, zip64: boolean): number {
  const file: ZipFile = { name, size: 0, crc32: 0, modifiedAt: new Date('1980-01-01T00:00:00Z') };
  return localHeader(file, zip64).length + directoryHeader(file, 0, zip64).length;
}

function fileOf({ name, content, crc32, modifiedAt }: ZipEntry): ZipFile {
  return { name, size: content.length, crc32, modifiedAt };
}
