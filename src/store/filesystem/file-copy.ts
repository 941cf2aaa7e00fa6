import { open, stat, type FileHandle } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { ArchiveKey } from '../../domain/ids';
import type { IncomingCopy, Source } from '../archive-store';
import { BAG_FILES } from '../bag';
import { writeAll } from './durable';
import { copyMissing, ifThere, named } from './failures';
import { removeWhole } from './leftovers';
import { TrailingReader } from './trailing-reader';
import { markOf, ResumePoint, type CopyState, type ReadBack } from './transfer-note';

/** Bytes after which a flush to the disk begins, so that `finish` is short. */
const FLUSH_EVERY_BYTES = 32 * 1024 * 1024;
/** Reading back a shorter copy takes less time than starting a thread. */
const WORTH_A_THREAD_BYTES = 16 * 1024 * 1024;
/** Longer than the resolution of a filesystem's timestamps. */
const TICK_MS = 20;

/**
 * An incoming copy as a file, written by this process alone. After a failed write or fsync the copy is spoilt: the bytes
 * may be gone even if a second one succeeds, so that only the source can be trusted.
 */
export class FileCopy implements IncomingCopy {
  readonly copyId: string;
  readonly source: Source;
  readonly #path: string;
  readonly #point: ResumePoint;
  #writing: Promise<void> | undefined;
  #flush: Promise<void> | undefined;
  /** Reads the synced bytes back while the rest arrives. */
  #reader: TrailingReader | undefined;
  /** The error of every further call: the copy is spoilt, or closed. */
  #end: Error | undefined;
  /** The removal of a spoilt copy. */
  #removal: Promise<void> | undefined;
  #isFinished = false;

  private constructor(
    private readonly key: ArchiveKey,
    private readonly state: CopyState,
    private readonly file: FileHandle,
  ) {
    this.copyId = basename(state.directory);
    this.source = state.source;
    this.#path = join(state.directory, BAG_FILES.payload);
    this.#point = new ResumePoint(state);
  }

  /** Opens the file of a copy: a new one (`wx`), or one that only we write (`r+`). @throws `CopyMissing` if another took it */
  static async open(key: ArchiveKey, state: CopyState, flags: 'wx' | 'r+'): Promise<FileCopy> {
    const file = await open(join(state.directory, BAG_FILES.payload), flags, 0o600);
    const copy = new FileCopy(key, state, file);
    try {
      await copy.#point.note();
      // An attempt that took the copy over before this note did not see its writer; the name shows whether the copy was taken.
      await copy.#requireName();
      await file.truncate(state.receivedBytes);
    } catch (error) {
      await file.close();
      throw error;
    }
    copy.#follow();
    return copy;
  }

  get receivedBytes(): number {
    return this.state.receivedBytes;
  }

  async append(...chunks: Uint8Array[]): Promise<void> {
    if (this.#writing !== undefined) throw new Error('A copy is written by one call at a time.');
    this.#writing = this.#whileOpen('write', async () => {
      this.state.receivedBytes = await writeAll(this.file, this.state.receivedBytes, chunks);
      this.#point.noteIfDue();
      this.#flushNowAndThen();
    });
    await this.#writing.finally(() => (this.#writing = undefined));
  }

  async finish(): Promise<void> {
    try {
      await this.#whileOpen('finish', async () => {
        await this.#quiet();
        this.#throwEnd();
        await this.file.datasync();
        this.state.durableBytes = this.state.receivedBytes;
        await this.file.close();
        await this.#requireName();
        // Without a note, the verification reads the copy back itself.
        await this.#point.close(await this.#readBack()).catch(() => undefined);
        this.#isFinished = true;
      });
    } finally {
      await this.release();
    }
  }

  async release(): Promise<void> {
    const wasOpen = this.#end === undefined;
    this.#end ??= copyMissing(this.key);
    await this.#reader?.stop();
    await this.#quiet();
    await this.file.close().catch((error: unknown) => this.#spoil(error));
    await this.#removal;
    if (wasOpen && !this.#isFinished && this.#removal === undefined)
      await this.#point.close().catch(() => undefined);
  }

  async discard(): Promise<void> {
    this.#spoil(copyMissing(this.key));
    await this.release();
  }

  async #whileOpen(verb: string, work: () => Promise<void>): Promise<void> {
    this.#throwEnd();
    try {
      await named(this.#task(verb), work);
    } catch (error) {
      this.#spoil(error);
    }
    // Also if it was spoilt meanwhile: a flush may fail during the writes.
    this.#throwEnd();
  }

  /** Waits for writes: one that is in progress when its file is closed may end up in the next file that is opened. */
  async #quiet(): Promise<void> {
    await this.#writing?.catch(() => undefined);
    await this.#flush;
  }

  #throwEnd(): void {
    if (this.#end !== undefined) throw this.#end;
  }

  #flushNowAndThen(): void {
    const { receivedBytes, durableBytes } = this.state;
    if (this.#flush !== undefined || receivedBytes - durableBytes < FLUSH_EVERY_BYTES) return;
    this.#flush = named(this.#task('write'), () => this.file.datasync())
      .then(() => {
        this.state.durableBytes = receivedBytes;
        this.#follow();
      })
      .catch((error: unknown) => this.#spoil(error))
      .finally(() => (this.#flush = undefined));
  }

  #follow(): void {
    const { durableBytes } = this.state;
    if (durableBytes < WORTH_A_THREAD_BYTES || this.#end !== undefined) return;
    this.#reader ??= new TrailingReader(this.#path);
    this.#reader.advance(durableBytes);
  }

  async #readBack(): Promise<ReadBack | undefined> {
    const { receivedBytes } = this.state;
    const digest = await this.#reader?.end(receivedBytes);
    if (digest?.sizeBytes !== receivedBytes) return undefined;
    // So that any later change of the file gets another timestamp than the noted one.
    await pause(TICK_MS);
    return { ...digest, file: markOf(await stat(this.#path, { bigint: true })) };
  }

  /** Another attempt may have taken the copy over, or removed it with its bytes. @throws `CopyMissing` */
  async #requireName(): Promise<void> {
    if ((await ifThere(stat(this.#path))) === undefined) throw copyMissing(this.key);
  }

  #spoil(error: unknown): void {
    this.#end ??= error instanceof Error ? error : copyMissing(this.key);
    // At once, because another attempt may take it over before this one releases it.
    this.#removal ??= removeWhole(this.state.directory).catch(() => undefined);
  }

  #task(verb: string): string {
    return `${verb} a copy of archive ${this.key.archiveId}`;
  }
}
