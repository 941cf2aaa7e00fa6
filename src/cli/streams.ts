import { fstatSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { shutdownRequested } from '../processes/child';
import { fileWriter, type Write } from '../processes/log-file';

type Stream = NodeJS.WriteStream & { readonly fd: number };

/** Characters that may wait in the buffer of standard error for a stalled reader; further lines are lost. */
const MOST_WAITING = 1024 * 1024;
/** Milliseconds that readers have for standard error after the command's end, and for standard output after a requested stop. */
const LAST_READING = 1_000;

/** Why the command's own output could not be written, if it could not. */
let broken: string | undefined;

/** Reports the lines on standard error that are lost, if there are any and there is room. */
let tellLost = (): void => undefined;

/**
 * Keeps output from stopping the work: neither a full disk, nor a closed pipe, nor a stalled reader does. Lines on standard error
 * that cannot be written are lost and counted; `tellLoss` reports their number as soon as there is room again. A terminal that is
 * stopped by Ctrl-S does stop the process, as Node.js writes to terminals synchronously.
 */
export function guardStreams(tellLoss: (lines: number) => void): void {
  let lost = 0;
  tellLost = () => {
    if (lost === 0 || !hasRoom()) return;
    const lines = lost;
    lost = 0;
    tellLoss(lines);
    // That line was lost, too.
    if (lost > 0) lost = lines;
  };
  guard(process.stderr, (text, write) => {
    tellLost();
    if (!hasRoom() || !write(text)) lost += text.split('\n').length - 1;
  });
  guard(process.stdout, (text, write) => void write(text));

  function hasRoom(): boolean {
    return process.stderr.writableLength < MOST_WAITING;
  }
}

/** Waits until the output was read, for standard error at most a second. @throws Error if the answer could not be written */
export async function outputRead(): Promise<void> {
  // Perhaps there is room again, and no other line was written since.
  tellLost();
  const stopped = shutdownRequested().then(() => lastReading());
  await Promise.race([written(process.stdout), stopped]);
  await Promise.race([written(process.stderr), lastReading()]);
  if (broken !== undefined) throw new Error(`The output could not be written whole (${broken}).`);
}

/** Replaces the stream's `write` with the given one, which gets a function that tries to write and returns whether it could. */
function guard(stream: Stream, write: (text: string, attempt: Write) => void): void {
  const failed = (error: NodeJS.ErrnoException): void => note(stream, error);
  const attempt = isAsynchronous(stream) ? writerOf(stream) : fileWriter(stream.fd, failed);
  // Without a listener an error would end the process.
  stream.on('error', failed);
  stream.write = (chunk: Uint8Array | string, ...rest: readonly unknown[]) => {
    write(typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString(), attempt);
    const done = rest.at(-1);
    if (typeof done === 'function') process.nextTick(done);
    return true;
  };
}

/** Whether the stream is a pipe, a socket or a terminal: Node.js writes synchronously to files only. */
function isAsynchronous({ fd, isTTY }: Stream): boolean {
  const kind = fstatSync(fd);
  return isTTY || kind.isFIFO() || kind.isSocket();
}

function writerOf(stream: Stream): Write {
  const write = stream.write.bind(stream);
  return (text) => {
    // After an error the stream would keep all further writes in memory.
    if (stream.errored) return false;
    write(text);
    return true;
  };
}

function note(stream: Stream, { code }: NodeJS.ErrnoException): void {
  if (stream === process.stdout && code !== 'EPIPE') broken ??= code ?? 'unknown';
}

/** Of a process that has nothing else to do, it is not waited for. */
function lastReading(): Promise<void> {
  return sleep(LAST_READING, undefined, { ref: false });
}

async function written(stream: Stream): Promise<void> {
  while (stream.writableLength > 0 && !stream.errored) await sleep(10);
}
