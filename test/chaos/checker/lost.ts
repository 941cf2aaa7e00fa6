import type { Case } from './case';

/** Archives that were AVAILABLE once, of which there is no right copy, and with no reason that a person could see to. */
export function lost(cases: readonly Case[]): string[] {
  return cases
    .filter((one) => wasAvailable(one) && one.rightBag === undefined && !isExcused(one))
    .map(({ archive, row }) => {
      const ledger =
        row === undefined ? 'does not know it' : `says ${row.state} (${row.attention ?? 'no reason'})`;
      return `${archive.archiveId}: there is no right copy of it; the platform says ${archive.status}, the ledger ${ledger}`;
    });
}

function wasAvailable({ statuses }: Case): boolean {
  return statuses.some(({ status }) => status === 'AVAILABLE');
}

/** Whether a person gave it up; or it cannot be claimed, a person is told why, and the platform still has it. */
export function isExcused({ archive, row, exception }: Case): boolean {
  if (exception?.end === 'givenUp') return true;
  return (
    exception?.end === 'attention' &&
    exception.reasons.includes(row?.attention ?? '') &&
    !['ABANDONED', 'EXPIRED'].includes(archive.status)
  );
}
