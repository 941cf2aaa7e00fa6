import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { readdir, rename, rm, statfs, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { errorCode } from '../../src/domain/error-code';

const BYTES = 64 * 1024 * 1024;

/** A directory that is a small filesystem of its own, where this process may mount one. */
export class Volume {
  readonly path = mkdtempSync(join(tmpdir(), 'archivist-volume-'));
  readonly isOwn =
    spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${BYTES}`, 'archivist-test', this.path]).status === 0;
  readonly #ballast = join(this.path, 'ballast');

  /** Fills it up, so that there is room for so many bytes, or less if somebody else writes meanwhile. */
  async leave(bytes: number): Promise<void> {
    const { bavail, bsize } = await statfs(this.path);
    await writeFile(this.#ballast, Buffer.alloc(bavail * bsize - bytes)).catch((error: unknown) => {
      if (errorCode(error) !== 'ENOSPC') throw error;
    });
  }

  async clear(): Promise<void> {
    await rm(this.#ballast);
  }

  /** Takes away what tells the store from an empty directory. @returns how to bring it back */
  async hideMarker(): Promise<() => Promise<void>> {
    const [marker, hidden] = [join(this.path, '.archivist-store'), join(this.path, 'hidden')];
    await rename(marker, hidden);
    return () => rename(hidden, marker);
  }

  /** The names of all that is in it. */
  async names(): Promise<readonly string[]> {
    return (await readdir(this.path, { recursive: true })).sort();
  }

  close(): void {
    if (this.isOwn) spawnSync('umount', ['--lazy', this.path]);
    rmSync(this.path, { recursive: true });
  }
}
