import { open, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { isMissing } from './failures';
import type { Extent } from './extents';
import type { CopyDigest } from '../digest-copy';

/**
 * What stands beside an incoming copy: how far it is, for whoever goes on with it. It is a hint: what it leads to is read
 * back and compared in whole before it counts.
 */
export interface TransferNote {
  readonly version: 1;
  readonly validator?: string | undefined;
  readonly totalBytes?: number | undefined;
  /** Handed to the operating system: there as long as that is not started again. */
  readonly received: readonly Extent[];
  /** On the disk. */
  readonly durable: readonly Extent[];
  /** The boot in which this was written. */
  readonly boot: string;
  /** The process that may be writing; nobody once it has let go. */
  readonly writer?: Writer | undefined;
  /** What reading the finished copy back gave, and what tells whether it was touched since. */
  readonly readBack?: ReadBack | undefined;
}

export interface Writer {
  readonly pid: number;
  readonly startedAt?: string;
  readonly space: string;
}

export interface ReadBack extends CopyDigest {
  /** Inode, size, and times of change in nanoseconds: any write and any link changes them. */
  readonly file: string;
}

const FILE = 'transfer.json';
/** Written at once and in place, so that a process that is killed leaves the old note or the new one. */
const SIZE = 4096;

/** @returns `undefined` where there is none that can be understood */
export async function readNote(directory: string): Promise<TransferNote | undefined> {
  try {
    const note: unknown = JSON.parse(await readFile(join(directory, FILE), 'utf8'));
    return isNote(note) ? note : undefined;
  } catch (error) {
    if (error instanceof SyntaxError || isMissing(error)) return undefined;
    throw error;
  }
}

/** Writes a note over the one that is there. Does nothing where it would not fit: a copy without it is only begun anew. */
export async function writeNote(directory: string, note: TransferNote): Promise<void> {
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

/** What tells a file that nobody touched from one that somebody did. */
export async function markOf(path: string): Promise<string> {
  const { ino, size, mtimeNs, ctimeNs } = await stat(path, { bigint: true });
  return [ino, size, mtimeNs, ctimeNs].join(' ');
}

function isNote(value: unknown): value is TransferNote {
  if (typeof value !== 'object' || value === null) return false;
  const { version, validator, totalBytes, received, durable, boot, writer } = value as Partial<
    Record<keyof TransferNote, unknown>
  >;
  return (
    version === 1 &&
    (validator === undefined || typeof validator === 'string') &&
    (totalBytes === undefined || isPosition(totalBytes)) &&
    areExtents(received) &&
    areExtents(durable) &&
    typeof boot === 'string' &&
    (writer === undefined || (typeof writer === 'object' && writer !== null))
  );
}

function areExtents(value: unknown): boolean {
  return (
    Array.isArray(value) &&
    value.every((extent: Partial<Extent> | null) => isPosition(extent?.from) && isPosition(extent?.to))
  );
}

function isPosition(value: unknown): boolean {
  return Number.isSafeInteger(value) && Number(value) >= 0;
}
