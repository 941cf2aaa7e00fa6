import type { BigIntStats } from 'node:fs';
import { open, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { ProcessMark, thisBoot, thisProcess } from '../../processes/holder';
import type { Source } from '../archive-store';
import { isMissing, isUnreadable } from './failures';

const position = z.int().min(0);
const readBack = z.object({
  sha256: z.string(),
  sizeBytes: position,
  /** Inode, size, and times of change in nanoseconds: any write and any link changes them. */
  file: z.string(),
});

/**
 * The note beside an incoming copy: how far it is, for the attempt that resumes it. It is only a hint: the resumed copy is read
 * back and compared in whole before it counts.
 */
const transferNote = z.object({
  version: z.literal(1),
  /** The strong entity tag and the length of the source. */
  validator: z.string().optional(),
  totalBytes: position.optional(),
  /** Bytes that were written to the operating system: they are there until it reboots. */
  receivedBytes: position,
  /** Bytes that are on the disk. */
  durableBytes: position,
  /** The boot in which this was written. */
  boot: z.string(),
  /** The process that may be writing; absent once it has released the copy. */
  writer: ProcessMark.optional(),
  /** The digest of the finished copy that was read back, and a mark that changes if the file is touched. */
  readBack: readBack.optional(),
});

type TransferNote = Readonly<z.output<typeof transferNote>>;
export type ReadBack = Readonly<z.output<typeof readBack>>;

/** The directory of a copy, and its progress: the bytes that the operating system has, and those that are on the disk. */
export interface CopyState {
  readonly directory: string;
  readonly source: Source;
  receivedBytes: number;
  durableBytes: number;
}

/** If the process dies, at most these bytes, or those of these milliseconds, are downloaded again. */
const NOTE_EVERY_BYTES = 8 * 1024 * 1024;
const NOTE_EVERY_MS = 1_000;

/** Writes the note beside a copy from time to time, so that another attempt can resume it. */
export class ResumePoint {
  #noting: Promise<void> | undefined;
  #notedBytes = 0;
  #notedAt = 0;

  constructor(private readonly copy: CopyState) {}

  /** Begins to write a note if the last one is old. */
  noteIfDue(): void {
    const bytes = this.copy.receivedBytes - this.#notedBytes;
    const isDue = bytes >= NOTE_EVERY_BYTES || Date.now() - this.#notedAt >= NOTE_EVERY_MS;
    if (this.#noting !== undefined || !isDue) return;
    // If the note is old, some bytes are downloaded again; nothing else is lost.
    this.#noting = this.note()
      .catch(() => undefined)
      .finally(() => (this.#noting = undefined));
  }

  /** Writes the last note: no process writes the copy any more. */
  async close(readBack?: ReadBack): Promise<void> {
    await this.#noting;
    await this.#write({ readBack });
  }

  /** Writes how far the copy is, and that this process writes it. */
  async note(): Promise<void> {
    await this.#write({ writer: await thisProcess() });
  }

  async #write(said: Pick<TransferNote, 'writer' | 'readBack'>): Promise<void> {
    const boot = await thisBoot();
    const { directory, source, receivedBytes, durableBytes } = this.copy;
    this.#notedBytes = receivedBytes;
    this.#notedAt = Date.now();
    await writeNote(directory, { version: 1, ...source, receivedBytes, durableBytes, boot, ...said });
  }
}

const FILE = 'transfer.json';
/** Written in place by one write, so that a killed process leaves either the old note or the new one. */
const SIZE = 4096;

/** @returns `undefined` if no note can be read and parsed: without one, the copy is only read or downloaded again */
export async function readNote(directory: string): Promise<TransferNote | undefined> {
  try {
    return transferNote.safeParse(JSON.parse(await readFile(join(directory, FILE), 'utf8'))).data;
  } catch (error) {
    if (error instanceof SyntaxError || isMissing(error) || isUnreadable(error)) return undefined;
    throw error;
  }
}

/** Overwrites the note. If the new one would not fit, removes it: without a note, the copy is only downloaded again. */
async function writeNote(directory: string, note: TransferNote): Promise<void> {
  const text = Buffer.from(JSON.stringify(note));
  if (text.length > SIZE) {
    await rm(join(directory, FILE), { force: true });
    return;
  }
  const file = await open(join(directory, FILE), 'r+').catch(() => open(join(directory, FILE), 'wx', 0o600));
  try {
    await file.write(Buffer.concat([text, Buffer.alloc(SIZE - text.length, ' ')]), 0, SIZE, 0);
  } finally {
    await file.close();
  }
}

/** A mark of a file that changes if anybody touches the file. */
export function markOf({ ino, size, mtimeNs, ctimeNs }: BigIntStats): string {
  return [ino, size, mtimeNs, ctimeNs].join(' ');
}
