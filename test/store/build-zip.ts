import { crc32 } from 'node:zlib';

/** A zip of empty files (APPNOTE 6.3.10 §4.3), with the zip64 records where they are asked for. */
export function buildZip(names: readonly string[], { zip64 = false, comment = '' } = {}): Buffer {
  const locals: Buffer[] = [];
  const centrals: Buffer[] = [];
  let offset = 0;
  for (const name of names) {
    const local = Buffer.concat([localHeader(name), Buffer.from(name)]);
    locals.push(local);
    centrals.push(centralHeader(name, offset), Buffer.from(name));
    offset += local.length;
  }
  const directory = Buffer.concat(centrals);
  const end = zip64 ? [zip64End(names.length, directory.length, offset)] : [];
  end.push(endRecord(zip64 ? 0xffff : names.length, directory.length, zip64 ? 0xffffffff : offset, comment));
  return Buffer.concat([...locals, directory, ...end]);
}

function localHeader(name: string): Buffer {
  const header = Buffer.alloc(30);
  header.writeUInt32LE(0x04034b50, 0);
  header.writeUInt16LE(20, 4);
  header.writeUInt32LE(crc32(''), 14);
  header.writeUInt16LE(Buffer.byteLength(name), 26);
  return header;
}

function centralHeader(name: string, offset: number): Buffer {
  const header = Buffer.alloc(46);
  header.writeUInt32LE(0x02014b50, 0);
  header.writeUInt16LE(20, 4);
  header.writeUInt16LE(20, 6);
  header.writeUInt16LE(Buffer.byteLength(name), 28);
  header.writeUInt32LE(offset, 42);
  return header;
}

function zip64End(entries: number, size: number, offset: number): Buffer {
  const record = Buffer.alloc(56 + 20);
  record.writeUInt32LE(0x06064b50, 0);
  record.writeBigUInt64LE(44n, 4);
  record.writeBigUInt64LE(BigInt(entries), 24);
  record.writeBigUInt64LE(BigInt(entries), 32);
  record.writeBigUInt64LE(BigInt(size), 40);
  record.writeBigUInt64LE(BigInt(offset), 48);
  record.writeUInt32LE(0x07064b50, 56);
  record.writeBigUInt64LE(BigInt(offset + size), 64);
  record.writeUInt32LE(1, 72);
  return record;
}

function endRecord(entries: number, size: number, offset: number, comment: string): Buffer {
  const record = Buffer.alloc(22);
  record.writeUInt32LE(0x06054b50, 0);
  record.writeUInt16LE(entries, 8);
  record.writeUInt16LE(entries, 10);
  record.writeUInt32LE(size, 12);
  record.writeUInt32LE(offset, 16);
  record.writeUInt16LE(comment.length, 20);
  return Buffer.concat([record, Buffer.from(comment)]);
}
