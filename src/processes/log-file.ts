import { closeSync, openSync, writeSync } from 'node:fs';

/** Appends to a file. @returns whether all of the text is in it */
export type Write = (text: string) => boolean;

/**
 * Writes to an open file at once, and again after a failure: after an error a stream to a file writes nothing more, even if there
 * is room again. What a full disk has cut off ends with a line break.
 */
export function fileWriter(fd: number, onError: (error: NodeJS.ErrnoException) => void): Write {
  let isCut = false;
  return (text) => {
    const bytes = Buffer.from(isCut ? `\n${text}` : text);
    let done = 0;
    try {
      while (done < bytes.length) done += writeSync(fd, bytes, done);
      isCut = false;
      return true;
    } catch (error) {
      isCut ||= done > 0;
      onError(error as NodeJS.ErrnoException);
      return false;
    }
  };
}

/** Lines that a child process has said, in a file. */
export interface LogFile {
  add(line: string): void;
  /** Also says how many lines were lost last. */
  close(): void;
}

/**
 * Opens a log, made if it is not there, that only its owner can read, as logs name archives. Lines that cannot be written are lost;
 * their number is in the log before the first line that can be.
 */
export function openLog(path: string): LogFile {
  let open: { readonly fd: number; readonly write: Write } | undefined;
  let lost = 0;
  const append: Write = (text) => {
    try {
      open ??= opened(path);
    } catch {
      return false;
    }
    return open.write(text);
  };
  return {
    add(line) {
      const loss = lost > 0 ? `${lossOf(lost)}\n` : '';
      lost = append(`${loss}${line}\n`) ? 0 : lost + 1;
    },
    close() {
      if (lost > 0) append(`${lossOf(lost)}\n`);
      if (open) closeSync(open.fd);
      open = undefined;
    },
  };
}

function opened(path: string) {
  const fd = openSync(path, 'a', 0o600);
  return { fd, write: fileWriter(fd, () => undefined) };
}

/** Says for people how many lines are missing. */
export function lossOf(lines: number): string {
  return `archivist: ${lines} lines were lost: they could not be written`;
}
