import { open } from 'node:fs/promises';
import { archiveZip, fingerprint } from '../../src/simulator';

const SLICE_BYTES = 1024 * 1024;

/** An archive's file: a zip whose bytes do not compress. */
export interface ArchiveFile {
  readonly path: string;
  readonly sizeBytes: number;
  /** Lower-case hex. */
  readonly sha256: string;
}

/** Writes an archive's file of exactly `sizeBytes`. */
export async function writeArchive(path: string, sizeBytes: number): Promise<ArchiveFile> {
  const blueprint = { seed: 'bench', sizeBytes };
  const { recordingCrc32, sha256 } = await fingerprint(blueprint, new AbortController().signal);
  const zip = archiveZip(blueprint).sealedWith(recordingCrc32);
  const file = await open(path, 'wx');
  try {
    for (let offset = 0; offset < zip.length; offset += SLICE_BYTES)
      await file.write(zip.read(offset, Math.min(SLICE_BYTES, zip.length - offset)));
  } finally {
    await file.close();
  }
  return { path, sizeBytes, sha256 };
}
