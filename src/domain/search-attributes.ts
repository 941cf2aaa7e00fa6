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
  readonly conferenceId?: string | undefined;
  readonly state?: string;
  readonly deadline?: Date;
}

type AttributePair =
  | { key: { name: string; type: 'KEYWORD' }; value: string }
  | { key: { name: string; type: 'DATETIME' }; value: Date };

/** The given attributes in the form that Temporal's client and workflow code take. */
export function searchAttributesOf(claim: ClaimAttributes): AttributePair[] {
  return [
    ...keyword('ArchivistTenant', claim.tenant),
    ...keyword('ArchivistArchiveId', claim.archiveId),
    ...keyword('ArchivistConferenceId', claim.conferenceId),
    ...keyword('ArchivistState', claim.state),
    ...(claim.deadline ? [{ key: DEADLINE, value: claim.deadline }] : []),
  ];
}

const DEADLINE = { name: 'ArchivistDeadline', type: 'DATETIME' } as const;

function keyword(name: SearchAttributeName, value: string | undefined): AttributePair[] {
  return value === undefined ? [] : [{ key: { name, type: 'KEYWORD' }, value }];
}
