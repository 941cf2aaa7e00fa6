import { userInfo } from 'node:os';
import { Command, InvalidArgumentError, Option } from 'commander';
import { loadConfig, type Config } from '../config/load-config';
import { parseDuration, parseSize } from '../config/quantities';
import {
  InvalidIdError,
  parseArchiveId,
  type ArchiveId,
  type ArchiveKey,
  type TenantId,
} from '../domain/ids';
import { EXPECTED_ACCOUNT_NAME, isAccountName, isReason, type Order } from '../domain/orders';

/** Thrown when a command was called in a way that cannot work; the message says what would. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

export interface CommonOptions {
  readonly config?: string;
  readonly json?: boolean;
}

/** A command with the options that every one has. */
export function command(usage: string, description: string): Command {
  return new Command(usage)
    .description(description)
    .option('--json', 'print JSON, one document a line, for programs to read');
}

/** A command that reads the configuration. */
export function configuredCommand(usage: string, description: string): Command {
  return command(usage, description).option(
    '-c, --config <file>',
    'the configuration (else ARCHIVIST_CONFIG, else ./archivist.yaml)',
  );
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

/** The tenant that a command is about: the one that was named, or the only one there is. */
export function chooseTenant({ tenants }: Config, named: string | undefined): TenantId {
  const names = [...tenants.keys()];
  const chosen = named === undefined && names.length === 1 ? names[0] : names.find((name) => name === named);
  if (chosen !== undefined) return chosen;
  const problem = named === undefined ? 'Several tenants are configured' : `There is no tenant ${named}`;
  throw new UsageError(`${problem}; name one with --tenant: ${names.join(', ')}.`);
}

export function archiveArgument(text: string): ArchiveId {
  try {
    return parseArchiveId(text);
  } catch (error) {
    if (error instanceof InvalidIdError) throw new UsageError(error.message);
    throw error;
  }
}

export interface OrderOptions extends CommonOptions {
  readonly tenant?: string;
  readonly by?: string;
  readonly reason?: string;
}

/** A command with which a person orders something about archives; `archives` is the argument that names them. */
export function orderCommand(usage: string, description: string, archives = '<id>'): Command {
  return configuredCommand(usage, description)
    .argument(archives, archives === '<id>' ? 'archive id' : 'archive ids')
    .option('--tenant <name>', 'whose they are; needed if several tenants are configured')
    .option('--by <account>', 'who gives the order, for the ledger to keep (else the user of this process)')
    .addOption(
      new Option('--reason <text>', 'why, in a few words, for the ledger to keep').argParser(reasonArgument),
    );
}

/** What every order says: about which archives, who gives it, and why. */
export function orderArguments(
  ids: readonly string[],
  { config: file, tenant: named, by, reason }: OrderOptions,
): { readonly config: Config; readonly keys: readonly ArchiveKey[]; readonly given: Order } {
  const config = loadConfig(file);
  const tenant = chooseTenant(config, named);
  const keys = ids.map((id) => ({ tenant, archiveId: archiveArgument(id) }));
  return { config, keys, given: { by: giver(by), ...(reason !== undefined && { reason }) } };
}

/** @throws {@link UsageError} if nobody is named, and the process's user has no name that could be kept */
function giver(named: string | undefined): string {
  const by = named ?? userName();
  if (isAccountName(by)) return by;
  throw new UsageError(`Say who gives the order with --by: ${EXPECTED_ACCOUNT_NAME}.`);
}

/** @returns `undefined` if the system knows no name for the process's user, as in some containers */
function userName(): string | undefined {
  try {
    return userInfo().username;
  } catch {
    return undefined;
  }
}

function reasonArgument(text: string): string {
  if (isReason(text)) return text;
  throw new InvalidArgumentError('Expected one line of 1 to 200 characters.');
}
