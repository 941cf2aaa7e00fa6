import type { ArchiveKey } from '../../domain/ids';
import type { RecordedDecision } from '../../domain/orders';
import type { Database } from '../database';
import { runStatement } from '../run-statement';

/** One event for each message, however often it is noted. */
const NOTE_DECISION = `
WITH noted AS (
  INSERT INTO archives AS known (tenant, archive_id, state)
  VALUES ($1, $2, 'announced')
  ON CONFLICT (tenant, archive_id) DO UPDATE SET updated_at = clock_timestamp()
  WHERE NOT EXISTS (
    SELECT FROM events WHERE tenant = $1 AND archive_id = $2 AND detail ->> 'message' = $3
  )
  RETURNING tenant, archive_id
)
SELECT append_event(
  tenant, archive_id, $4, 'success', $5::jsonb || jsonb_build_object('message', $3::text)
)
FROM noted`;

export async function noteDecision(
  database: Database,
  { tenant, archiveId }: ArchiveKey,
  decision: RecordedDecision,
): Promise<void> {
  const { id, by } = decision;
  const [type, detail] =
    'choice' in decision
      ? ['appraisal', { order: 'decide', choice: decision.choice, by }]
      : ['policy assignment', { order: 'extendDeadline', deadline: decision.deadline, by }];
  await runStatement(database, 'note decision', NOTE_DECISION, [
    tenant,
    archiveId,
    id,
    type,
    JSON.stringify(detail),
  ]);
}
