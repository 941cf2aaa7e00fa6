import type { ArchiveKey } from '../../domain/ids';
import { isDocumented } from '../../domain/statuses';
import type { Database } from '../database';
import type { RecordNote } from '../ledger';
import { runStatement } from '../run-statement';
import { storableJson, storableText } from '../storable';

/**
 * Once there is a secured copy, a changed record can no longer steer the abandon elsewhere: conference and checksum stay. The
 * record stays, too, as it was sealed with the copy: a platform may keep less of what it deleted. Its status is followed.
 * Before, a record that lost its conference keeps the one that was known, since other archives' abandons wait for it.
 */
const NOTE_RECORD = `
WITH noted AS (
  INSERT INTO archives AS known
    (tenant, archive_id, state, conference_id, sha256, platform_status, record, record_source)
  VALUES ($1, $2, 'announced', $3, $4, $5, $6::jsonb, $7)
  ON CONFLICT (tenant, archive_id) DO UPDATE SET
    conference_id = CASE
      WHEN known.secured_at IS NULL THEN coalesce(excluded.conference_id, known.conference_id)
      ELSE known.conference_id
    END,
    sha256 = CASE WHEN known.secured_at IS NULL THEN excluded.sha256 ELSE known.sha256 END,
    platform_status = excluded.platform_status,
    record = CASE WHEN known.secured_at IS NULL THEN excluded.record ELSE known.record END,
    record_source = CASE WHEN known.secured_at IS NULL THEN excluded.record_source ELSE known.record_source END,
    updated_at = clock_timestamp()
  WHERE known.platform_status IS DISTINCT FROM excluded.platform_status
    OR known.secured_at IS NULL AND (known.record_source, known.conference_id, known.sha256)
      IS DISTINCT FROM
      (excluded.record_source, coalesce(excluded.conference_id, known.conference_id), excluded.sha256)
  RETURNING tenant, archive_id, conference_id, sha256
)
SELECT append_event(
  tenant, archive_id, 'metadata modification', 'success',
  jsonb_strip_nulls(
    jsonb_build_object('platformStatus', $8::text, 'conferenceId', conference_id, 'sha256', sha256)
  )
)
FROM noted`;

export async function noteRecord(
  database: Database,
  { tenant, archiveId }: ArchiveKey,
  note: RecordNote,
): Promise<void> {
  const status = storableText(note.platformStatus);
  await runStatement(database, 'note record', NOTE_RECORD, [
    tenant,
    archiveId,
    note.conferenceId ?? null,
    usableSha256(note.sha256),
    status,
    storableJson(note.recordSource) ?? null,
    storableText(note.recordSource),
    // A status that is not documented may be any text: the record has it, the event does not.
    isDocumented(status) ? status : 'undocumented',
  ]);
}

function usableSha256(sha256: string | undefined): string | null {
  return sha256 !== undefined && /^[0-9a-f]{64}$/.test(sha256) ? sha256 : null;
}
