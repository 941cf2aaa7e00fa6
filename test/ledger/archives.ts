import { randomUUID } from 'node:crypto';
import type { SecuredArchive } from '../../src/domain/claim';
import { parseArchiveId, parseConferenceId, parseTenantId, type ArchiveKey } from '../../src/domain/ids';
import type { RecordNote } from '../../src/ledger/ledger';

export const TENANT = parseTenantId('mycompany');
export const SHA256 = 'a'.repeat(64);
export const OTHER_SHA256 = 'b'.repeat(64);

/** An archive that no other test knows. */
export function newKey(): ArchiveKey {
  return { tenant: TENANT, archiveId: parseArchiveId(randomUUID()) };
}

export function newConference() {
  return parseConferenceId(randomUUID());
}

export function recordNote(changes: Partial<RecordNote> = {}): RecordNote {
  return {
    conferenceId: newConference(),
    platformStatus: 'AVAILABLE',
    sha256: SHA256,
    recordSource: '{"participants":["Erika Mustermann"]}',
    ...changes,
  };
}

export function securedArchive(changes: Partial<SecuredArchive> = {}): SecuredArchive {
  return {
    conferenceId: newConference(),
    sha256: SHA256,
    sizeBytes: 5_000_000_000,
    location: 'file:./data/archives/mycompany/x',
    ...changes,
  };
}
