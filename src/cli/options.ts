import { Command, InvalidArgumentError, Option } from 'commander';
import { parseDuration } from '../config/duration';

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
  const port = Number(text);
  if (Number.isInteger(port) && port >= 0 && port <= 65_535) return port;
  throw new InvalidArgumentError('Expected a port from 0 to 65535.');
}

export function countArgument(text: string): number {
  const count = Number(text);
  if (Number.isInteger(count) && count >= 1) return count;
  throw new InvalidArgumentError('Expected a whole number from 1 on.');
}

export function durationArgument(text: string): number {
  const duration = parseDuration(text);
  if (duration !== undefined) return duration;
  throw new InvalidArgumentError('Expected a duration such as "3 days".');
}

const UNITS = { '': 1, k: 1024, m: 1024 ** 2, g: 1024 ** 3 } as const;

/** Bytes, from `1048576`, `64k`, `256 MiB` or `8GiB`: units are binary. */
export function sizeArgument(text: string): number {
  const [, digits, unit] = /^(\d+)\s*([kmg]?)(?:i?b)?$/i.exec(text.trim()) ?? [];
  if (digits !== undefined && unit !== undefined)
    return Number(digits) * UNITS[unit.toLowerCase() as keyof typeof UNITS];
  throw new InvalidArgumentError('Expected a size such as 1048576, 64KiB or 256MiB.');
}
