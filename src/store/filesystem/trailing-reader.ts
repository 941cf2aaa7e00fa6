import { Worker } from 'node:worker_threads';
import type { CopyDigest } from '../examine-copy';

/** Places in the shared memory: bytes that may be read, bytes that were, whether no more will come, and news to wait for. */
const READABLE = 0;
const READ = 1;
const ENDED = 2;
const NEWS = 3;

/**
 * Reads a file back while it is still being written, and computes its SHA-256. A thread opens the file by its name and
 * trails the writer, up to the bytes that are synced. Network, disk and hash overlap, and yet the SHA-256 is of what the store
 * gives back, not of what was received.
 */
export class TrailingReader {
  readonly #shared = new BigInt64Array(new SharedArrayBuffer(4 * 8));
  readonly #thread: Worker;
  readonly #digest: Promise<CopyDigest | undefined>;

  constructor(path: string) {
    this.#thread = new Worker(`(${follow.toString()})()`, {
      eval: true,
      workerData: { path, shared: this.#shared },
      execArgv: [],
    });
    this.#thread.unref();
    this.#digest = new Promise((resolve) => {
      this.#thread.once('message', (digest: CopyDigest) => resolve(digest));
      // What it could not read, nobody else has proven: the copy is then read back as a whole.
      this.#thread.once('error', () => resolve(undefined));
      this.#thread.once('exit', () => resolve(undefined));
    });
  }

  /** Bytes that were read back. */
  get bytes(): number {
    return Number(Atomics.load(this.#shared, READ));
  }

  /** Lets it read on to `position`. */
  advance(position: number): void {
    Atomics.store(this.#shared, READABLE, BigInt(position));
    this.#tell();
  }

  /** Lets it read the rest, to `length`. @returns what it read; `undefined` where it could not */
  async end(length: number): Promise<CopyDigest | undefined> {
    Atomics.store(this.#shared, READABLE, BigInt(length));
    Atomics.store(this.#shared, ENDED, 1n);
    this.#tell();
    this.#thread.ref();
    return await this.#digest;
  }

  async stop(): Promise<void> {
    await this.#thread.terminate();
  }

  #tell(): void {
    Atomics.add(this.#shared, NEWS, 1n);
    Atomics.notify(this.#shared, NEWS);
  }
}

/** Runs in the thread, from its source text: it must not refer to anything outside. */
function follow(): void {
  const threads = process.getBuiltinModule('node:worker_threads');
  const { openSync, readSync, closeSync } = process.getBuiltinModule('node:fs');
  const { path, shared } = threads.workerData as { path: string; shared: BigInt64Array };
  const hash = process.getBuiltinModule('node:crypto').createHash('sha256');
  const buffer = Buffer.allocUnsafeSlow(1024 * 1024);
  const file = openSync(path, 'r');
  let position = 0;
  for (;;) {
    // In this order: what came after the news was read wakes the wait below.
    const news = Atomics.load(shared, 3);
    const ended = Atomics.load(shared, 2) === 1n;
    const readable = Number(Atomics.load(shared, 0));
    if (position < readable) {
      const count = readSync(file, buffer, 0, Math.min(buffer.length, readable - position), position);
      if (count === 0) break;
      hash.update(buffer.subarray(0, count));
      position += count;
      Atomics.store(shared, 1, BigInt(position));
    } else if (ended) {
      break;
    } else {
      Atomics.wait(shared, 3, news);
    }
  }
  closeSync(file);
  threads.parentPort?.postMessage({ sha256: hash.digest('hex'), sizeBytes: position });
}
