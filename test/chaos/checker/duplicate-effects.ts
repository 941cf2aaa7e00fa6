import type { Case } from './case';
import type { LedgerEvent, LedgerRow } from './evidence';

/** What happened more than once to an archive and must not. */
export function duplicateEffects(cases: readonly Case[], rows: readonly LedgerRow[]): string[] {
  return cases.flatMap((one) => {
    const { archive, abandons, bags, claims, events } = one;
    const counts: readonly (readonly [what: string, count: number])[] = [
      ['abandons that took effect', abandons.length],
      ['rows in the ledger', rows.filter(({ archiveId }) => archiveId === archive.archiveId).length],
      ['bags', bags.length],
      ['claims that completed', claims.filter(({ completed }) => completed).length],
      ['accessions', accessionsIn(events)],
      ['times abandoned in the ledger', events.filter(isAbandon).length],
    ];
    return counts
      .filter(([, count]) => count > 1)
      .map(([what, count]) => `${archive.archiveId}: ${count} ${what}`);
  });
}

/**
 * A claim that failed or asked for a person after its copy was secured proves that copy again, and the ledger says so. What
 * says the same after a trouble of this kind does not count twice.
 */
function accessionsIn(events: readonly LedgerEvent[]): number {
  let count = 0;
  let known: string | undefined;
  for (const event of events) {
    const isTrouble = event.type === 'appraisal' || event.type === 'ingestion end';
    if (isTrouble && count === 1) count = 0;
    if (event.type !== 'accession') continue;
    const copy = copyIn(event);
    count += known !== undefined && copy !== known ? 2 : 1;
    known = copy;
  }
  return count;
}

function copyIn({ detail }: LedgerEvent): string {
  const { sha256, location } = JSON.parse(detail) as { readonly sha256?: string; readonly location?: string };
  return `${sha256 ?? ''} ${location ?? ''}`;
}

function isAbandon({ type, detail }: LedgerEvent): boolean {
  const { state } = JSON.parse(detail) as { readonly state?: string };
  return type === 'policy assignment' && state === 'abandoned';
}
