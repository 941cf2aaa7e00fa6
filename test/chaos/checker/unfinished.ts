import type { Case } from './case';
import { isExcused } from './lost';

/** Archives that did not end as they must: abandoned, or as their exception has it. */
export function unfinished(cases: readonly Case[]): string[] {
  return cases.flatMap((one) => {
    const problem = problemOf(one);
    return problem === undefined ? [] : [`${one.archive.archiveId}: ${problem}`];
  });
}

function problemOf(one: Case): string | undefined {
  const { archive, row, exception, claims } = one;
  const found = `the platform says ${archive.status}, the ledger ${row?.state ?? 'nothing'} (${row?.attention ?? 'no reason'})`;
  switch (exception?.end) {
    case 'attention':
      return isExcused(one)
        ? undefined
        : `must need attention for ${exception.reasons.join(' or ')}; ${found}`;
    case 'flawed':
      return row?.state === 'secured' && row.warning === 'ZipUnreadable' && archive.status === 'AVAILABLE'
        ? undefined
        : `must be secured with a warning (${row?.warning ?? 'there is none'}), and not abandoned; ${found}`;
    case 'secured':
      return row?.state === 'secured' && archive.status === 'AVAILABLE'
        ? undefined
        : `must be secured and wait with its abandon; ${found}`;
    case 'copy':
      return ['secured', 'abandoned'].includes(row?.state ?? '') ? undefined : `must have a copy; ${found}`;
    case 'givenUp': {
      // Others may have abandoned it afterwards.
      const isKept = !exception.isConfirmed || row?.state === 'failed' || archive.status !== 'AVAILABLE';
      return isKept ? undefined : `must have failed, as it was given up; ${found}`;
    }
    case undefined:
      if (row?.state !== 'abandoned' || archive.status !== 'ABANDONED') return `must be abandoned; ${found}`;
      return claims.some(({ completed }) => completed) ? undefined : 'has no claim that completed';
  }
}
