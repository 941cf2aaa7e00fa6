import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { writeArchive, type ArchiveFile } from './archive-file';
import { startEngine } from './engine';
import type { Platform } from './platform';

export const MEMORY_SIZES = { '1GiB': 1024 ** 3, '8GiB': 8 * 1024 ** 3 } as const;

/**
 * When garbage is collected is chance, and a peak is the least lucky moment of all. So that a large archive has no more such moments
 * than a small one, each size is downloaded until so many bytes have come.
 */
const BYTES_OF_EACH_SIZE = 8 * 1024 ** 3;

/**
 * Peak resident memory while archives of `sizeBytes` are downloaded, above that of the same process at rest before, in MiB: the
 * highest of all. Each process is new and downloads once, so that memory it has from an earlier download hides nothing.
 * @param engineFolder where a process has set up store and ledger before
 * @returns `undefined` where the system does not tell
 */
export async function measureMemory(
  engineFolder: string,
  platform: Platform,
  sizeBytes: number,
): Promise<number | undefined> {
  const file = await writeArchive(join(engineFolder, 'archive.zip'), sizeBytes);
  try {
    const peaks: number[] = [];
    for (let process = 0; process < BYTES_OF_EACH_SIZE / sizeBytes; process += 1) {
      const peak = await peakOfOne(engineFolder, platform, file);
      if (peak === undefined) return undefined;
      peaks.push(peak);
    }
    return Math.max(...peaks);
  } finally {
    await rm(file.path);
  }
}

async function peakOfOne(
  engineFolder: string,
  platform: Platform,
  file: ArchiveFile,
): Promise<number | undefined> {
  const engine = await startEngine(engineFolder, platform.url, ['--expose-gc']);
  try {
    const { archiveId } = await platform.publish(file);
    const { memory, bag } = await engine.secure(archiveId);
    await rm(bag, { recursive: true });
    return memory === undefined ? undefined : (memory.peakBytes - memory.idleBytes) / 1024 ** 2;
  } finally {
    await engine.stop();
  }
}
