import pino, { type Logger } from 'pino';
import { stackFrames } from '../domain/error-code';
import { ArchivistError, isFailureType } from '../domain/failures';
import { lossOf } from '../processes/log-file';
import { UsageError } from './options';

/** Prints one line for people. */
export function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** Prints one JSON document on a line, for programs. */
export function sayJson(value: unknown): void {
  say(JSON.stringify(value));
}

/** Prints `value` as JSON with `--json`, otherwise `line` for people. */
export function print({ json }: { readonly json?: boolean | undefined }, value: unknown, line: string): void {
  if (json) sayJson(value);
  else say(line);
}

/** Prints one line for people on standard error, apart from the command's output. */
export function tell(line: string): void {
  process.stderr.write(`${line}\n`);
}

/** Columns, aligned by the longest of each. */
export function table(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map((row) => (row[column] ?? '').length)),
  );
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

const UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB'] as const;

/** Bytes for people: `256 MiB`. */
export function formatBytes(bytes: number): string {
  const exponent = Math.min(Math.floor(Math.log2(Math.max(bytes, 1)) / 10), UNITS.length - 1);
  const value = bytes / 1024 ** exponent;
  return `${value >= 100 || Number.isInteger(value) ? Math.round(value) : value.toFixed(1)} ${UNITS[exponent] ?? 'B'}`;
}

let processLog: Logger | undefined;

const LEVELS = [...Object.keys(pino.levels.values), 'silent'];

/**
 * Makes the log of this process, which is also told what the process waits for and which lines were lost.
 * @throws UsageError as {@link newLogger}
 */
export function createLogger(name: string): Logger {
  return (processLog = newLogger(name));
}

/**
 * A log of JSON lines on standard error, so that standard output is the command's own.
 * @throws UsageError if the environment names no level
 */
export function newLogger(name: string): Logger {
  const { ARCHIVIST_LOG_LEVEL: given = '' } = process.env;
  const level = given === '' ? 'info' : given;
  if (!LEVELS.includes(level))
    throw new UsageError(`ARCHIVIST_LOG_LEVEL must be one of ${LEVELS.join(', ')}, not ${level}.`);
  return pino(
    {
      name,
      level,
      serializers: { err: errorSerializer, error: errorSerializer },
    },
    { write: (line: string) => process.stderr.write(line) },
  );
}

/** Reports how many lines on standard error could not be written before this one. */
export function tellLoss(lines: number): void {
  if (processLog) processLog.error({ lines }, 'Lines of the log were lost: they could not be written');
  else tell(lossOf(lines));
}

/** Says who is waited for, so that nobody takes a slow answer for a hanging process. */
export function tellWait(whom: string): void {
  if (processLog) processLog.info({ whom }, 'Waiting for an answer');
  else tell(`Waiting for ${whom} …`);
}

/**
 * Logs an error's class, code and frames: the text of a foreign error may hold anything. A named failure has a message that was
 * written for people, and says more than its frames.
 */
function errorSerializer(error: unknown): unknown {
  if (!(error instanceof Error)) return typeof error;
  const { code, type } = error as Error & { readonly code?: unknown; readonly type?: unknown };
  const isNamed =
    isFailureType(type) && (error instanceof ArchivistError || error.name === 'ApplicationFailure');
  if (isNamed && type !== 'Unexpected') return { type, message: error.message };
  return { name: error.name, code, type, frames: stackFrames(error) };
}
