import { access, open, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { ArchiveKey } from '../../domain/ids';
import type { Gap, IncomingCopy, Source } from '../archive-store';
import { BAG_FILES } from '../bag/bag-files';
import { isMissing, named } from './failures';
import { copyMissing } from './layout';
import { removeWhole } from './leftovers';
import { ResumePoint, type CopyState } from './resume-point';
import { Trail } from './trail';
import { markOf, type ReadBack } from './transfer-note';
import { writeAll } from './write-all';

/** So much is left to the operating system before the disk is asked to begin: it keeps `finish` short. */
const FLUSH_EVERY_BYTES = 32 * 1024 * 1024;
/** A shorter copy is read back sooner than a thread is started. */
const WORTH_A_THREAD_BYTES = 16 * 1024 * 1024;
/** Longer than the tick by which a filesystem tells the time of a change. */
const TICK_MS = 20;

/**
 * An incoming copy as a file, written by this process alone. Once a write or an fsync failed, the copy is spoilt: the bytes
 * may be gone though a second one succeeds, so that only the source can be trusted.
 */
export class FileCopy implements IncomingCopy {
  readonly source: Source;
  readonly #path: string;
  readonly #point: ResumePoint;
  readonly #writing = new Set<Promise<void>>();
  #flush: Promise<void> | undefined;
  #flushedBytes: number;
  #trail: Trail | undefined;
  /** What it answers from now on: it is spoilt, or closed. */
  #end: Error | undefined;
  /** Of a copy that is spoilt. */
  #removal: Promise<void> | undefined;
  #isRewritten = false;
  #isFinished = false;

  private constructor(
    private readonly key: ArchiveKey,
    readonly copyId: string,
    private readonly state: CopyState,
    private readonly file: FileHandle,
  ) {
    this.source = state.source;
    this.#path = join(state.directory, BAG_FILES.payload);
    this.#point = new ResumePoint(state);
    this.#flushedBytes = state.durable.bytes;
  }

  /** Opens the file of a copy: a new one (`wx`), or one that nobody else writes (`r+`). @throws `CopyMissing` where another took it */
  static async open(
    key: ArchiveKey,
    copyId: string,
    state: CopyState,
    flags: 'wx' | 'r+',
  ): Promise<FileCopy> {
    const file = await open(join(state.directory, BAG_FILES.payload), flags, 0o600);
    const copy = new FileCopy(key, copyId, state, file);
    try {
      await copy.#point.note({ writer: state.writer });
      // Whoever took the copy before this was written did not see who writes it; the name tells that it was taken.
      await copy.#requireName();
      await file.truncate(state.received.end);
    } catch (error) {
      await file.close();
      throw error;
    }
    copy.#follow();
    return copy;
  }

  get receivedBytes(): number {
    return this.#point.received.bytes;
  }

  gaps(totalBytes: number): readonly Gap[] {
    return this.#point.received.gaps(totalBytes);
  }

  async write(position: number, ...chunks: Uint8Array[]): Promise<void> {
    const writing = this.#whileOpen('write', async () => {
      const to = await writeAll(this.file, position, chunks);
      const before = this.#point.received.bytes;
      this.#point.add({ from: position, to });
      // What was read back before is not what is there now.
      if (this.#point.received.bytes - before < to - position) this.#isRewritten = true;
      this.#flushNowAndThen();
    });
    this.#writing.add(writing);
    await writing.finally(() => this.#writing.delete(writing));
  }

  async finish(): Promise<void> {
    try {
      await this.#whileOpen('finish', async () => {
        await this.#quiet();
        this.#throwEnd();
        await this.file.datasync();
        this.#point.durable = this.#point.received.copy();
        await this.file.close();
        await this.#requireName();
        // Without a note it is read back by whoever proves it.
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
    await this.#trail?.stop();
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
    // Also where it was spoilt meanwhile: a flush fails beside the writes.
    this.#throwEnd();
  }

  /** A write that is under way when its file is closed may end up in the next file that is opened. */
  async #quiet(): Promise<void> {
    await Promise.allSettled(this.#writing);
    await this.#flush;
  }

  #throwEnd(): void {
    if (this.#end !== undefined) throw this.#end;
  }

  #flushNowAndThen(): void {
    const { received } = this.#point;
    if (this.#flush !== undefined || received.bytes - this.#flushedBytes < FLUSH_EVERY_BYTES) return;
    const flushed = received.copy();
    this.#flushedBytes = flushed.bytes;
    this.#flush = named(this.#task('write'), () => this.file.datasync())
      .then(() => {
        this.#point.durable = flushed;
        this.#follow();
      })
      .catch((error: unknown) => this.#spoil(error))
      .finally(() => (this.#flush = undefined));
  }

  /** What is on the disk is read back while the rest arrives. */
  #follow(): void {
    const { prefix } = this.#point.durable;
    if (prefix < WORTH_A_THREAD_BYTES || this.#end !== undefined) return;
    this.#trail ??= new Trail(this.#path);
    this.#trail.advance(prefix);
  }

  async #readBack(): Promise<ReadBack | undefined> {
    const { end } = this.#point.received;
    const digest = await this.#trail?.end(end);
    if (this.#isRewritten || digest?.sizeBytes !== end) return undefined;
    // So that whatever touches the file from now on does so at another time than the noted one.
    await pause(TICK_MS);
    return { ...digest, file: await markOf(this.#path) };
  }

  /** Somebody else may have taken the copy over, or cleared it away, and the bytes with it. */
  async #requireName(): Promise<void> {
    try {
      await access(this.#path);
    } catch (error) {
      throw isMissing(error) ? copyMissing(this.key) : error;
    }
  }

  #spoil(error: unknown): void {
    this.#end ??= error instanceof Error ? error : copyMissing(this.key);
    // At once: another attempt may take it over before this one lets go.
    this.#removal ??= removeWhole(this.state.directory).catch(() => undefined);
  }

  #task(verb: string): string {
    return `${verb} a copy of archive ${this.key.archiveId}`;
  }
}
