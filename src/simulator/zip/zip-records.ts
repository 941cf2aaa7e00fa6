/** One file of a zip, as its headers name it. Its bytes are stored, not compressed. */
export interface ZipFile {
  readonly name: string;
  readonly size: number;
  readonly crc32: number;
  readonly modifiedAt: Date;
}

/** Where the central directory is and what it holds. */
export interface DirectoryExtent {
  readonly offset: number;
  readonly size: number;
  readonly files: number;
}

const IN_ZIP64 = 0xffffffff;
const VERSION_STORED = 20;
const VERSION_ZIP64 = 45;
const MADE_BY_UNIX = 3 << 8;
const REGULAR_FILE = 0o100644 * 0x10000;

/** The header before a file's bytes (APPNOTE 4.3.7). In zip64 its sizes are in the extra field (4.5.3). */
export function localHeader(file: ZipFile, zip64: boolean): Buffer {
  const fixed = Buffer.alloc(30);
  fixed.writeUInt32LE(0x04034b50, 0);
  writeProperties(fixed, 4, file, zip64);
  const extra = zip64 ? zip64Extra(file.size, file.size) : Buffer.alloc(0);
  fixed.writeUInt16LE(extra.length, 28);
  return Buffer.concat([fixed, Buffer.from(file.name, 'latin1'), extra]);
}

/** The file's line in the central directory (APPNOTE 4.3.12). */
export function directoryHeader(file: ZipFile, localHeaderOffset: number, zip64: boolean): Buffer {
  const fixed = Buffer.alloc(46);
  fixed.writeUInt32LE(0x02014b50, 0);
  fixed.writeUInt16LE(MADE_BY_UNIX | versionOf(zip64), 4);
  writeProperties(fixed, 6, file, zip64);
  const extra = zip64 ? zip64Extra(file.size, file.size, localHeaderOffset) : Buffer.alloc(0);
  fixed.writeUInt16LE(extra.length, 30);
  fixed.writeUInt32LE(REGULAR_FILE, 38);
  fixed.writeUInt32LE(zip64 ? IN_ZIP64 : localHeaderOffset, 42);
  return Buffer.concat([fixed, Buffer.from(file.name, 'latin1'), extra]);
}

/** What ends a zip: the end of central directory record (APPNOTE 4.3.16), after its zip64 kin (4.3.14, 4.3.15). */
export function endOfDirectory(directory: DirectoryExtent, zip64: boolean): Buffer {
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(directory.files, 8);
  end.writeUInt16LE(directory.files, 10);
  end.writeUInt32LE(zip64 ? IN_ZIP64 : directory.size, 12);
  end.writeUInt32LE(zip64 ? IN_ZIP64 : directory.offset, 16);
  return zip64 ? Buffer.concat([zip64End(directory), end]) : end;
}

function zip64End(directory: DirectoryExtent): Buffer {
  const end = Buffer.alloc(56 + 20);
  end.writeUInt32LE(0x06064b50, 0);
  end.writeBigUInt64LE(44n, 4);
  end.writeUInt16LE(MADE_BY_UNIX | VERSION_ZIP64, 12);
  end.writeUInt16LE(VERSION_ZIP64, 14);
  end.writeBigUInt64LE(BigInt(directory.files), 24);
  end.writeBigUInt64LE(BigInt(directory.files), 32);
  end.writeBigUInt64LE(BigInt(directory.size), 40);
  end.writeBigUInt64LE(BigInt(directory.offset), 48);
  end.writeUInt32LE(0x07064b50, 56);
  end.writeBigUInt64LE(BigInt(directory.offset + directory.size), 64);
  end.writeUInt32LE(1, 72);
  return end;
}

/** The part that both headers have, from "version needed to extract" to "file name length". */
function writeProperties(header: Buffer, at: number, file: ZipFile, zip64: boolean): void {
  const { time, date } = dosTime(file.modifiedAt);
  header.writeUInt16LE(versionOf(zip64), at);
  header.writeUInt16LE(time, at + 6);
  header.writeUInt16LE(date, at + 8);
  header.writeUInt32LE(file.crc32, at + 10);
  header.writeUInt32LE(zip64 ? IN_ZIP64 : file.size, at + 14);
  header.writeUInt32LE(zip64 ? IN_ZIP64 : file.size, at + 18);
  header.writeUInt16LE(file.name.length, at + 22);
}

function zip64Extra(...values: readonly number[]): Buffer {
  const extra = Buffer.alloc(4 + 8 * values.length);
  extra.writeUInt16LE(0x0001, 0);
  extra.writeUInt16LE(8 * values.length, 2);
  values.forEach((value, index) => extra.writeBigUInt64LE(BigInt(value), 4 + 8 * index));
  return extra;
}

function versionOf(zip64: boolean): number {
  return zip64 ? VERSION_ZIP64 : VERSION_STORED;
}

function dosTime(at: Date): { readonly time: number; readonly date: number } {
  return {
    time: (at.getUTCHours() << 11) | (at.getUTCMinutes() << 5) | (at.getUTCSeconds() >> 1),
    date: ((at.getUTCFullYear() - 1980) << 9) | ((at.getUTCMonth() + 1) << 5) | at.getUTCDate(),
  };
}
