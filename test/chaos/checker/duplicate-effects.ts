import type { Case } from './case';
import type { LedgerEvent, LedgerRow } from './evidence';

/** What happened more than once to an archive and must not. */
export function duplicateEffects(cases: readonly Case[], rows: readonly LedgerRow[]): string[] {
  return cases.flatMap((one) => {
    const { archive, abandons, bags, events } = one;
    const counts: readonly (readonly [what: string, count: number])[] = [
      ['abandons that took effect', abandons.length],
      ['rows in the ledger', rows.filter(({ archiveId }) => archiveId === archive.archiveId).length],
      ['bags', bags.length],
      ['accessions', accessionsIn(events)],
      ['times abandoned in the ledger', events.filter(isAbandon).length],
    ];
    return counts
      .filter(([, count]) => count > 1)
      .map(([what, count]) => `${archive.archiveId}: ${count} ${what}`);
  });
}

function accessionsIn(events: readonly LedgerEvent[]): number {
  return events.filter(({ type }) => type === 'accession').length;
}

function isAbandon({ type, detail }: LedgerEvent): boolean {
  const { state } = JSON.parse(detail) as { readonly state?: string };
  return type === 'policy assignment' && state === 'abandoned';
}
