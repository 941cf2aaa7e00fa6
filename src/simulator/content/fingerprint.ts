import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { forEachSlice } from '../bytes/slices';
import { archiveZip, type Blueprint } from './archive-zip';

/** What only a pass over the whole content tells. */
export interface Fingerprint {
  readonly recordingCrc32: number;
  /** SHA-256 of the zip, lower-case hex. */
  readonly sha256: string;
}

/**
 * Reads the recording once for its CRC-32, which stands in the zip before it, and then the zip once for its SHA-256.
 * @throws the signal's reason, once it is aborted
 */
export async function fingerprint(blueprint: Blueprint, signal: AbortSignal): Promise<Fingerprint> {
  const zip = archiveZip(blueprint);
  let recordingCrc32 = 0;
  await forEachSlice(zip.recording, (slice) => (recordingCrc32 = crc32(slice, recordingCrc32)), signal);
  const hash = createHash('sha256');
  await forEachSlice(zip.sealedWith(recordingCrc32), (slice) => hash.update(slice), signal);
  return { recordingCrc32, sha256: hash.digest('hex') };
}
