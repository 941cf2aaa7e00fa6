/** The search attributes of a claim, by name and Temporal type; `archivist setup` registers them. */
export const SEARCH_ATTRIBUTES = {
  ArchivistTenant: 'KEYWORD',
  ArchivistArchiveId: 'KEYWORD',
  ArchivistConferenceId: 'KEYWORD',
  ArchivistState: 'KEYWORD',
  ArchivistDeadline: 'DATETIME',
} as const;
