import type { Config } from '../config/load-config';
import { InvalidIdError, parseArchiveId, type ArchiveId, type TenantId } from '../domain/ids';
import { UsageError } from './usage-error';

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
