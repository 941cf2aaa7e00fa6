import { isDocumented } from '../../domain/statuses';
import type { LedgerEntry } from '../../ledger/ledger';

/** An entry as commands show it to programs. A status that the platform does not document may be any text, and is not shown. */
export function viewOf(entry: LedgerEntry): LedgerEntry {
  const { platformStatus: status, ...view } = entry;
  if (status === undefined) return view;
  return { ...view, platformStatus: isDocumented(status) ? status : 'undocumented' };
}
