import { crc32, inflateRawSync } from 'node:zlib';

const LOCAL_HEADER = 0x04034b50;
const DIRECTORY_ENTRY = 0x02014b50;
const DIRECTORY_END = 0x06054b50;
const DIRECTORY_END_BYTES = 22;
const LONGEST_COMMENT = 0xffff;
const DEFLATED = 8;

/**
 * Reads a zip whole, by PKWARE's APPNOTE 6.3: its central directory, and every entry with its CRC-32. Zips of 4 GiB and more
 * (zip64) do not occur here.
 *
 * @returns what is wrong with it, if anything is
 */
export function faultOfZip(zip: Buffer): string | undefined {
  try {
    const end = endOfDirectory(zip);
    const count = zip.readUInt16LE(end + 10);
    if (count === 0) return 'the zip is empty';
    let at = zip.readUInt32LE(end + 16);
    for (let entry = 0; entry < count; entry += 1) at = checkEntry(zip, at);
    return at === end ? undefined : 'its directory is longer or shorter than it says';
  } catch (error) {
    return error instanceof Error ? error.message : 'it cannot be read';
  }
}

function endOfDirectory(zip: Buffer): number {
  const last = zip.length - DIRECTORY_END_BYTES;
  for (let at = last; at >= Math.max(0, last - LONGEST_COMMENT); at -= 1) {
    if (zip.readUInt32LE(at) === DIRECTORY_END) return at;
  }
  throw new Error('it is no zip: it has no end of a central directory');
}

/** @returns where the next entry of the directory begins */
function checkEntry(zip: Buffer, at: number): number {
  requireSignature(zip, at, DIRECTORY_ENTRY);
  const nameLength = zip.readUInt16LE(at + 28);
  const name = zip.toString('utf8', at + 46, at + 46 + nameLength);
  const local = zip.readUInt32LE(at + 42);
  requireSignature(zip, local, LOCAL_HEADER);
  const start = local + 30 + zip.readUInt16LE(local + 26) + zip.readUInt16LE(local + 28);
  const stored = zip.subarray(start, start + zip.readUInt32LE(at + 20));
  const content = zip.readUInt16LE(at + 10) === DEFLATED ? inflateRawSync(stored) : stored;
  if (content.length !== zip.readUInt32LE(at + 24)) throw new Error(`${name} has another size than it says`);
  if (crc32(content) !== zip.readUInt32LE(at + 16)) throw new Error(`${name} has another CRC than it says`);
  return at + 46 + nameLength + zip.readUInt16LE(at + 30) + zip.readUInt16LE(at + 32);
}

function requireSignature(zip: Buffer, at: number, signature: number): void {
  if (zip.readUInt32LE(at) !== signature) throw new Error(`there is no entry at ${at}`);
}
