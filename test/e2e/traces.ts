import { claimOf, type TemporalSite } from './temporal-site';

/** Something that people and programs may see, and where. */
export interface Trace {
  readonly where: string;
  readonly text: string;
}

/** All that Temporal knows of a claim, decoded: history, memo, search attributes, pending work, details, progress. */
export async function tracesInTemporal(site: TemporalSite, archiveId: string): Promise<readonly Trace[]> {
  const claim = claimOf(site, archiveId);
  const { raw } = await claim.describe();
  return [
    { where: `history of ${archiveId}`, text: textOf(await claim.fetchHistory()) },
    { where: `description of ${archiveId}`, text: textOf(raw) },
    { where: `progress of ${archiveId}`, text: textOf(await claim.query('progress')) },
    { where: `details of ${archiveId}`, text: textOf(await claim.query('__temporal_workflow_metadata')) },
  ];
}

/** Every text and every run of bytes in a value, as text, a line each. */
export function textOf(value: unknown): string {
  if (typeof value === 'string') return `${value}\n`;
  if (value instanceof Uint8Array) return `${Buffer.from(value).toString('utf8')}\n`;
  if (typeof value !== 'object' || value === null) return '';
  return Object.entries(value)
    .map(([key, part]) => `${key}\n${textOf(part)}`)
    .join('');
}

/** The traces that hold a marker, as it is or in a usual disguise. */
export function findMarkers(traces: readonly Trace[], markers: Readonly<Record<string, string>>): string[] {
  return traces.flatMap(({ where, text }) =>
    Object.entries(markers)
      .filter(([, marker]) => disguisesOf(marker).some((form) => text.includes(form)))
      .map(([name]) => `${name} in ${where}`),
  );
}

function disguisesOf(marker: string): readonly string[] {
  const bytes = Buffer.from(marker);
  const base64 = [0, 1, 2].map((shift) =>
    Buffer.concat([Buffer.alloc(shift), bytes])
      .toString('base64')
      // The first and the last letters depend on what stands beside the marker.
      .slice(4, -4),
  );
  return [
    marker,
    encodeURIComponent(marker),
    JSON.stringify(marker).slice(1, -1),
    [...bytes].join(','),
    bytes.toString('hex'),
    ...base64,
  ];
}
