import { concatenation, inMemory, type ByteSource } from './bytes';

/** A file of a zip. Its bytes are stored, not compressed. */
export interface ZipEntry {
  /** ASCII. */
  readonly name: string;
  readonly content: ByteSource;
  readonly crc32: number;
}

const IN_ZIP64 = 0xffffffff;
const STORED = 20;
const ZIP64 = 45;
const MADE_BY_UNIX = 3 << 8;
const REGULAR_FILE = 0o100644 * 0x10000;

/** A zip whose entries are stored one after the other, with the central directory behind them (PKWARE APPNOTE 6.3). */
export function zip(entries: readonly ZipEntry[], modifiedAt: Date, zip64: boolean): ByteSource {
  const parts: ByteSource[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const entry of entries) {
    const header = localHeader(entry, modifiedAt, zip64);
    directory.push(directoryHeader(entry, modifiedAt, offset, zip64));
    parts.push(inMemory(header), entry.content);
    offset += header.length + entry.content.length;
  }
  const lines = Buffer.concat(directory);
  const end = endOfDirectory(offset, lines.length, entries.length, zip64);
  return concatenation(...parts, inMemory(lines), inMemory(end));
}

/** The size of a zip of files with these names, besides their bytes. */
export function overheadOf(names: readonly string[], zip64: boolean): number {
  const [perZip, perFile] = zip64 ? [22 + 20 + 56, 30 + 20 + 46 + 28] : [22, 30 + 46];
  return names.reduce((sum, name) => sum + perFile + 2 * name.length, perZip);
}

/** The header before a file's bytes (APPNOTE 4.3.7). In zip64 its sizes are in the extra field (4.5.3). */
function localHeader(entry: ZipEntry, at: Date, zip64: boolean): Buffer {
  const size = entry.content.length;
  const extra = zip64 ? packed('HHQQ', 1, 16, size, size) : Buffer.alloc(0);
  const fixed = [packed('I', 0x04034b50), properties(entry, at, zip64), packed('H', extra.length)];
  return Buffer.concat([...fixed, Buffer.from(entry.name, 'latin1'), extra]);
}

/** The file's line in the central directory (APPNOTE 4.3.12). */
function directoryHeader(entry: ZipEntry, at: Date, offset: number, zip64: boolean): Buffer {
  const size = entry.content.length;
  const extra = zip64 ? packed('HHQQQ', 1, 24, size, size, offset) : Buffer.alloc(0);
  const begin = packed('IH', 0x02014b50, MADE_BY_UNIX | (zip64 ? ZIP64 : STORED));
  const rest = packed('HHHHII', extra.length, 0, 0, 0, REGULAR_FILE, zip64 ? IN_ZIP64 : offset);
  return Buffer.concat([begin, properties(entry, at, zip64), rest, Buffer.from(entry.name, 'latin1'), extra]);
}

/** The end of central directory record (APPNOTE 4.3.16), after its zip64 record and locator (4.3.14, 4.3.15). */
function endOfDirectory(offset: number, size: number, files: number, zip64: boolean): Buffer {
  const [shownSize, shownOffset] = zip64 ? [IN_ZIP64, IN_ZIP64] : [size, offset];
  const end = packed('IIHHIIH', 0x06054b50, 0, files, files, shownSize, shownOffset, 0);
  if (!zip64) return end;
  const record = packed('IQHHQ', 0x06064b50, 44, MADE_BY_UNIX | ZIP64, ZIP64, 0);
  const locator = packed('IIQI', 0x07064b50, 0, offset + size, 1);
  return Buffer.concat([record, packed('QQQQ', files, files, size, offset), locator, end]);
}

/** What both headers have, from "version needed to extract" to "file name length". */
function properties({ name, content, crc32 }: ZipEntry, at: Date, zip64: boolean): Buffer {
  const size = zip64 ? IN_ZIP64 : content.length;
  const time = (at.getUTCHours() << 11) | (at.getUTCMinutes() << 5) | (at.getUTCSeconds() >> 1);
  const date = ((at.getUTCFullYear() - 1980) << 9) | ((at.getUTCMonth() + 1) << 5) | at.getUTCDate();
  const begin = packed('HHHHH', zip64 ? ZIP64 : STORED, 0, 0, time, date);
  return Buffer.concat([begin, packed('IIIH', crc32, size, size, name.length)]);
}

/** Numbers one after the other, little-endian, each of the size that its letter says: H 2 bytes, I 4, Q 8. */
function packed(sizes: string, ...values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(8 * values.length);
  let end = 0;
  for (const [index, value] of values.entries()) {
    const size = sizes.charAt(index);
    if (size === 'Q') end = bytes.writeBigUInt64LE(BigInt(value), end);
    else end = size === 'I' ? bytes.writeUInt32LE(value, end) : bytes.writeUInt16LE(value, end);
  }
  return bytes.subarray(0, end);
}
