import type { OpenState } from '../domain/states';

/** The terms of https://id.loc.gov/vocabulary/preservation/eventType that the ledger uses. */
export type EventType =
  | 'ingestion start'
  | 'metadata modification'
  | 'transfer'
  | 'validation'
  | 'fixity check'
  | 'accession'
  | 'appraisal'
  | 'policy assignment'
  | 'recovery'
  | 'deletion'
  | 'ingestion end';

/** What it is called that a claim moves to an open state. */
export const EVENT_OF_PROGRESS: Readonly<Record<OpenState, EventType>> = {
  announced: 'ingestion start',
  waiting: 'ingestion start',
  downloading: 'transfer',
  verifying: 'validation',
};
