import { access, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { ArchivistError } from '../../domain/failures';
import type { ArchiveKey } from '../../domain/ids';
import type { IncomingCopy } from '../archive-store';
import { BAG_FILES } from '../bag/bag-files';
import { isMissing, named } from './failures';
import { copyMissing } from './layout';
import { removeWhole } from './leftovers';

/** So much is left to the operating system before the disk is asked to begin: it keeps `finish` short. */
const FLUSH_EVERY_BYTES = 128 * 1024 * 1024;

/**
 * An incoming copy as a file. Once anything failed, the copy is dead and says so from then on: after a failed fsync the
 * bytes may be gone though a second one succeeds, so that only the source can be trusted.
 */
export class FileCopy implements IncomingCopy {
  #position = 0;
  #flushedTo = 0;
  #flush: Promise<void> | undefined;
  #failure: Error | undefined;

  constructor(
    private readonly key: ArchiveKey,
    readonly copyId: string,
    private readonly directory: string,
    private readonly file: FileHandle,
  ) {}

  write(chunk: Uint8Array): Promise<void> {
    const position = this.#position;
    this.#position += chunk.length;
    return this.#whileAlive('write', async () => {
      await this.#writeAt(position, chunk);
      this.#flushNowAndThen();
    });
  }

  async finish(): Promise<void> {
    try {
      await this.#whileAlive('finish', async () => {
        await this.#flush;
        await this.file.datasync();
        await this.file.close();
        await this.#requireName();
      });
    } catch (error) {
      await this.abort();
      throw error;
    }
  }

  async abort(): Promise<void> {
    this.#die(copyMissing(this.key));
    await this.#flush;
    await this.file.close().catch(() => undefined);
    await removeWhole(this.directory).catch(() => undefined);
  }

  async #whileAlive(verb: string, work: () => Promise<void>): Promise<void> {
    this.#throwIfDead();
    try {
      await named(this.#task(verb), work);
    } catch (error) {
      this.#die(error);
      throw error;
    }
    this.#throwIfDead();
  }

  async #writeAt(position: number, chunk: Uint8Array): Promise<void> {
    for (let done = 0; done < chunk.length;) {
      const { bytesWritten } = await this.file.write(chunk, done, chunk.length - done, position + done);
      if (bytesWritten === 0)
        throw new ArchivistError('StoreUnavailable', `${this.#task('write')}: nothing is taken.`);
      done += bytesWritten;
    }
  }

  #flushNowAndThen(): void {
    if (this.#flush !== undefined || this.#position - this.#flushedTo < FLUSH_EVERY_BYTES) return;
    this.#flushedTo = this.#position;
    this.#flush = named(this.#task('write'), () => this.file.datasync())
      .catch((error: unknown) => this.#die(error))
      .finally(() => (this.#flush = undefined));
  }

  /** Somebody else may have cleared the copy away, and the bytes with it. */
  async #requireName(): Promise<void> {
    try {
      await access(join(this.directory, BAG_FILES.payload));
    } catch (error) {
      throw isMissing(error) ? copyMissing(this.key) : error;
    }
  }

  #die(error: unknown): void {
    this.#failure ??= error instanceof Error ? error : copyMissing(this.key);
  }

  #throwIfDead(): void {
    if (this.#failure !== undefined) throw this.#failure;
  }

  #task(verb: string): string {
    return `${verb} a copy of archive ${this.key.archiveId}`;
  }
}
