import { userInfo } from 'node:os';
import { InvalidArgumentError, Option, type Command } from 'commander';
import { loadConfig, type Config } from '../config/load-config';
import type { ArchiveKey } from '../domain/ids';
import { EXPECTED_ACCOUNT_NAME, isAccountName, isReason, type Order } from '../domain/orders';
import { configuredCommand, type CommonOptions } from './options';
import { archiveArgument, chooseTenant } from './tenant-option';
import { UsageError } from './usage-error';

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
