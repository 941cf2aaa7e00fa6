import { userInfo } from 'node:os';
import { Command, InvalidArgumentError } from 'commander';
import { loadConfig, type Config } from '../config/load-config';
import { parseDuration, parseSize } from '../config/quantities';
import { parseArchiveId, type ArchiveKey, type TenantId } from '../domain/ids';
import { EXPECTED_ACCOUNT_NAME, isAccountName, isReason, type Order } from '../domain/orders';

/** Thrown on wrong usage of a command; the message says what would be right. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

export interface CommonOptions {
  readonly config?: string;
  readonly json?: boolean;
}

/** A command with the options that all commands have. */
export function command(usage: string, description: string): Command {
  return new Command(usage)
    .description(description)
    .option('--json', 'print JSON, one document a line, for programs to read');
}

export interface TenantOptions extends CommonOptions {
  readonly tenant?: string;
}

/** A command that reads the configuration; `tenant` says what its option `--tenant` is for, if it has one. */
export function configuredCommand(usage: string, description: string, tenant?: string): Command {
  const configured = command(usage, description).option(
    '-c, --config <file>',
    'the configuration (else ARCHIVIST_CONFIG, else ./archivist.yaml)',
  );
  return tenant === undefined ? configured : configured.option('--tenant <name>', tenant);
}

export const portArgument = argument(
  (text) => wholeNumber(text, 0, 65_535),
  'Expected a port from 0 to 65535.',
);
export const countArgument = argument((text) => wholeNumber(text, 1), 'Expected a whole number from 1 on.');
export const durationArgument = argument(parseDuration, 'Expected a duration such as "3 days".');
/** Bytes, from `1048576`, `64k`, `256 MiB` or `8GiB`: units are binary. */
export const sizeArgument = argument(parseSize, 'Expected a size such as 1048576, 64KiB or 256MiB.');
const reasonArgument = argument(
  (text) => (isReason(text) ? text : undefined),
  'Expected one line of 1 to 200 characters.',
);

/** Makes an argument parser for commander from a parser that returns `undefined` for invalid text. */
function argument<Value>(
  parse: (text: string) => Value | undefined,
  expected: string,
): (text: string) => Value {
  return (text) => {
    const value = parse(text);
    if (value !== undefined) return value;
    throw new InvalidArgumentError(expected);
  };
}

function wholeNumber(text: string, least: number, most = Number.MAX_SAFE_INTEGER): number | undefined {
  const number = Number(text);
  return /^\d+$/.test(text) && number >= least && number <= most ? number : undefined;
}

/** The tenant of a command: the one that was named, or the only one that is configured. */
export function chooseTenant({ tenants }: Config, named: string | undefined): TenantId {
  const names = [...tenants.keys()];
  const chosen = named === undefined && names.length === 1 ? names[0] : names.find((name) => name === named);
  if (chosen !== undefined) return chosen;
  const problem = named === undefined ? 'Several tenants are configured' : `There is no tenant ${named}`;
  throw new UsageError(`${problem}; name one with --tenant: ${names.join(', ')}.`);
}

/** Reads the configuration, and chooses the tenant in it. */
export function readTenant({ config: file, tenant: named }: TenantOptions) {
  const config = loadConfig(file);
  return { config, tenant: chooseTenant(config, named) };
}

export interface OrderOptions extends TenantOptions {
  readonly by?: string;
  readonly reason?: string;
}

/** A command with which a person gives an order about archives; `archives` is the argument that names them. */
export function orderCommand(usage: string, description: string, archives = '<id>'): Command {
  return configuredCommand(usage, description, 'whose they are; needed if several tenants are configured')
    .argument(archives, archives === '<id>' ? 'archive id' : 'archive ids')
    .option('--by <account>', 'who gives the order, for the ledger to keep (else the user of this process)')
    .option('--reason <text>', 'why, in a few words, for the ledger to keep', reasonArgument);
}

/** The parts of every order: the archives, who gives it, and why. */
export function orderArguments(ids: readonly string[], { by, reason, ...options }: OrderOptions) {
  const { config, tenant } = readTenant(options);
  const keys: readonly ArchiveKey[] = ids.map((id) => ({ tenant, archiveId: parseArchiveId(id) }));
  const given: Order = { by: giver(by), ...(reason !== undefined && { reason }) };
  return { config, keys, given };
}

/** @throws {@link UsageError} if no account is named, and the process's user has no valid account name */
function giver(named: string | undefined): string {
  const by = named ?? userName();
  if (isAccountName(by)) return by;
  throw new UsageError(`Say who gives the order with --by: ${EXPECTED_ACCOUNT_NAME}.`);
}

/** @returns `undefined` if the system has no name for the process's user, as in some containers */
function userName(): string | undefined {
  try {
    return userInfo().username;
  } catch {
    return undefined;
  }
}
