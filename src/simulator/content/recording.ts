import { inMemory, type ByteSource } from '../bytes/byte-source';
import { concatenation } from '../bytes/concatenation';
import { keystream } from '../bytes/keystream';

const FILE_TYPE = Buffer.from('\0\0\0\x18ftypisom\0\0\x02\0isommp42', 'latin1');
const MEDIA_HEADER_BYTES = 16;

/**
 * A recording of exactly `length` bytes: the boxes of an mp4 (ISO/IEC 14496-12: `ftyp`, then one `mdat` of 64-bit size)
 * around noise. What is too short for the boxes is noise alone.
 */
export function recording(seed: string, length: number): ByteSource {
  const noise = (bytes: number) => keystream(`recording:${seed}`, bytes);
  const boxes = FILE_TYPE.length + MEDIA_HEADER_BYTES;
  if (length < boxes) return noise(length);
  const header = Buffer.concat([FILE_TYPE, mediaHeader(length - FILE_TYPE.length)]);
  return concatenation([inMemory(header), noise(length - boxes)]);
}

function mediaHeader(boxLength: number): Buffer {
  const header = Buffer.alloc(MEDIA_HEADER_BYTES);
  header.writeUInt32BE(1, 0);
  header.write('mdat', 4, 'latin1');
  header.writeBigUInt64BE(BigInt(boxLength), 8);
  return header;
}
