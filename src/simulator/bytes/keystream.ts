import { createCipheriv, createHash } from 'node:crypto';
import type { ByteSource } from './byte-source';

const BLOCK = 16;
const ZEROS = Buffer.alloc(1024 * 1024);

/**
 * Bulk that does not compress and costs nothing to keep: the AES-128-CTR keystream of a key made from `seed`. Any offset
 * is reached at once by setting the counter (NIST SP 800-38A, section 6.5).
 */
export function keystream(seed: string, length: number): ByteSource {
  const key = createHash('sha256').update(seed).digest().subarray(0, 16);
  return {
    length,
    read(offset, wanted) {
      const skipped = offset % BLOCK;
      const cipher = createCipheriv('aes-128-ctr', key, counterBlock((offset - skipped) / BLOCK));
      return cipher.update(zeros(skipped + wanted)).subarray(skipped);
    },
  };
}

function counterBlock(block: number): Buffer {
  const counter = Buffer.alloc(BLOCK);
  counter.writeBigUInt64BE(BigInt(block), 8);
  return counter;
}

function zeros(length: number): Buffer {
  return length <= ZEROS.length ? ZEROS.subarray(0, length) : Buffer.alloc(length);
}
