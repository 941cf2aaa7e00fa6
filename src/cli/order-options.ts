import { userInfo } from 'node:os';
import { Option, type Command } from 'commander';
import { loadConfig, type Config } from '../config/load-config';
import type { ArchiveKey } from '../domain/ids';
import { EXPECTED_ACCOUNT_NAME, isAccountName } from '../domain/orders';
import { configuredCommand, type CommonOptions } from './options';
import { archiveArgument, chooseTenant } from './tenant-option';
import { UsageError } from './usage-error';

export interface OrderOptions extends CommonOptions {
  readonly tenant?: string;
  readonly by?: string;
}

/** A command with which a person tells the claim of one archive something. */
export function orderCommand(usage: string, description: string): Command {
  return configuredCommand(usage, description)
    .argument('<id>', 'archive id')
    .option('--tenant <name>', 'whose archive it is; needed where several tenants are configured')
    .addOption(byOption());
}

export function byOption(): Option {
  return new Option(
    '--by <account>',
    'who gives the order, for Temporal and the ledger to keep (else the user of this process)',
  );
}

/** What every order says: about which archive, and who gives it. */
export function orderArguments(
  id: string,
  { config: file, tenant, by }: OrderOptions,
): { readonly config: Config; readonly key: ArchiveKey; readonly by: string } {
  const config = loadConfig(file);
  const key = { tenant: chooseTenant(config, tenant), archiveId: archiveArgument(id) };
  return { config, key, by: giver(by) };
}

/** @throws {@link UsageError} where nobody is named, and the process's user has no name that could be kept */
export function giver(named: string | undefined): string {
  const by = named ?? userName();
  if (isAccountName(by)) return by;
  throw new UsageError(`Say who gives the order with --by: ${EXPECTED_ACCOUNT_NAME}.`);
}

/** @returns `undefined` where the system knows no name for the process's user, as in some containers */
function userName(): string | undefined {
  try {
    return userInfo().username;
  } catch {
    return undefined;
  }
}
