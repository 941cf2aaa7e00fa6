/** The search attributes of a claim, by name and Temporal type; `archivist setup` registers them. */
export const SEARCH_ATTRIBUTES = {
  ArchivistTenant: 'KEYWORD',
  ArchivistArchiveId: 'KEYWORD',
  ArchivistConferenceId: 'KEYWORD',
  ArchivistState: 'KEYWORD',
  ArchivistDeadline: 'DATETIME',
} as const;

export type SearchAttributeName = keyof typeof SEARCH_ATTRIBUTES;

export const SEARCH_ATTRIBUTE_NAMES = Object.keys(SEARCH_ATTRIBUTES) as SearchAttributeName[];

export interface ClaimAttributes {
  readonly tenant?: string;
  readonly archiveId?: string;
  readonly conferenceId?: string;
  readonly state?: string;
  readonly deadline?: Date;
}

type AttributePair =
  | { key: { name: string; type: 'KEYWORD' }; value: string }
  | { key: { name: string; type: 'DATETIME' }; value: Date };

/** The given attributes in the form that Temporal's client and workflow code take. */
export function searchAttributesOf({
  tenant,
  archiveId,
  conferenceId,
  state,
  deadline,
}: ClaimAttributes): AttributePair[] {
  const keywords = {
    ArchivistTenant: tenant,
    ArchivistArchiveId: archiveId,
    ArchivistConferenceId: conferenceId,
    ArchivistState: state,
  } satisfies Partial<Record<SearchAttributeName, string | undefined>>;
  const pairs: AttributePair[] = Object.entries(keywords).flatMap(([name, value]) =>
    value === undefined ? [] : [{ key: { name, type: 'KEYWORD' }, value }],
  );
  if (deadline !== undefined)
    pairs.push({ key: { name: 'ArchivistDeadline', type: 'DATETIME' }, value: deadline });
  return pairs;
}
