import { Command, InvalidArgumentError, Option } from 'commander';
import { parseDuration } from '../config/duration';
import { parseSize } from '../config/size';

export interface CommonOptions {
  readonly config?: string;
  readonly json?: boolean;
}

/** A command with the options that every one has. */
export function command(usage: string, description: string): Command {
  return new Command(usage).description(description).addOption(jsonOption());
}

/** A command that reads the configuration. */
export function configuredCommand(usage: string, description: string): Command {
  return command(usage, description).option(
    '-c, --config <file>',
    'the configuration (else ARCHIVIST_CONFIG, else ./archivist.yaml)',
  );
}

function jsonOption(): Option {
  return new Option('--json', 'print JSON, one document a line, for programs to read');
}

export function portArgument(text: string): number {
  const port = wholeNumber(text);
  if (port !== undefined && port <= 65_535) return port;
  throw new InvalidArgumentError('Expected a port from 0 to 65535.');
}

export function countArgument(text: string): number {
  const count = wholeNumber(text);
  if (count !== undefined && count >= 1) return count;
  throw new InvalidArgumentError('Expected a whole number from 1 on.');
}

function wholeNumber(text: string): number | undefined {
  const number = Number(text);
  return /^\d+$/.test(text) && Number.isSafeInteger(number) ? number : undefined;
}

export function durationArgument(text: string): number {
  const duration = parseDuration(text);
  if (duration !== undefined) return duration;
  throw new InvalidArgumentError('Expected a duration such as "3 days".');
}

/** Bytes, from `1048576`, `64k`, `256 MiB` or `8GiB`: units are binary. */
export function sizeArgument(text: string): number {
  const size = parseSize(text);
  if (size !== undefined) return size;
  throw new InvalidArgumentError('Expected a size such as 1048576, 64KiB or 256MiB.');
}
