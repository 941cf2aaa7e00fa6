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
  return [
    ...keyword('ArchivistTenant', tenant),
    ...keyword('ArchivistArchiveId', archiveId),
    ...keyword('ArchivistConferenceId', conferenceId),
    ...keyword('ArchivistState', state),
    ...(deadline === undefined
      ? []
      : [{ key: { name: 'ArchivistDeadline', type: SEARCH_ATTRIBUTES.ArchivistDeadline }, value: deadline }]),
  ];
}

type KeywordName = {
  [Name in keyof typeof SEARCH_ATTRIBUTES]: (typeof SEARCH_ATTRIBUTES)[Name] extends 'KEYWORD' ? Name : never;
}[keyof typeof SEARCH_ATTRIBUTES];

function keyword(name: KeywordName, value: string | undefined): AttributePair[] {
  return value === undefined ? [] : [{ key: { name, type: SEARCH_ATTRIBUTES[name] }, value }];
}
