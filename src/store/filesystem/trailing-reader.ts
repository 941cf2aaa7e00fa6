import { Worker } from 'node:worker_threads';
import type { CopyDigest } from '../examine-copy';

/** How many bytes the thread may read, and whether those are all. */
interface Allowance {
  readonly bytes: number;
  readonly isAll: boolean;
}

/** How many bytes it has read; with their SHA-256 when it has read all. */
interface Progress {
  readonly sizeBytes: number;
  readonly sha256?: string;
}

/**
 * Reads a file back while it is still being written, and computes its SHA-256. A thread opens the file by its name and
 * follows the writer, up to the bytes that are synced. Network, disk and hash overlap, and yet the SHA-256 is of what the store
 * returns, not of what was received.
 */
export class TrailingReader {
  readonly #thread: Worker;
  readonly #digest: Promise<CopyDigest | undefined>;
  /** Bytes that were read back. */
  bytes = 0;

  constructor(path: string) {
    this.#thread = new Worker(`(${follow.toString()})()`, { eval: true, workerData: path, execArgv: [] });
    this.#digest = new Promise((resolve) => {
      this.#thread.on('message', ({ sizeBytes, sha256 }: Progress) => {
        this.bytes = sizeBytes;
        if (sha256 !== undefined) resolve({ sha256, sizeBytes });
      });
      // If it cannot read the file, there is no digest: the whole copy is read back later.
      this.#thread.once('error', () => resolve(undefined));
      this.#thread.once('exit', () => resolve(undefined));
    });
    this.#thread.unref();
  }

  /** Lets it read on to `position`. */
  advance(position: number): void {
    this.#thread.postMessage({ bytes: position, isAll: false } satisfies Allowance);
  }

  /** Lets it read the rest, to `length`. @returns the digest; `undefined` if it could not read */
  async end(length: number): Promise<CopyDigest | undefined> {
    this.#thread.postMessage({ bytes: length, isAll: true } satisfies Allowance);
    this.#thread.ref();
    return await this.#digest;
  }

  async stop(): Promise<void> {
    await this.#thread.terminate();
  }
}

/** Runs in the thread, from its source text: it must not refer to anything outside. */
function follow(): void {
  const threads = process.getBuiltinModule('node:worker_threads');
  const { openSync, readSync, closeSync } = process.getBuiltinModule('node:fs');
  const hash = process.getBuiltinModule('node:crypto').createHash('sha256');
  const buffer = Buffer.allocUnsafeSlow(1024 * 1024);
  const file = openSync(threads.workerData as string, 'r');
  let sizeBytes = 0;
  const port = threads.parentPort;
  port?.on('message', ({ bytes, isAll }: Allowance) => {
    while (sizeBytes < bytes) {
      const count = readSync(file, buffer, 0, Math.min(buffer.length, bytes - sizeBytes), sizeBytes);
      if (count === 0) break;
      hash.update(buffer.subarray(0, count));
      sizeBytes += count;
    }
    if (!isAll) {
      port.postMessage({ sizeBytes } satisfies Progress);
      return;
    }
    closeSync(file);
    port.postMessage({ sizeBytes, sha256: hash.digest('hex') } satisfies Progress);
    port.close();
  });
}
