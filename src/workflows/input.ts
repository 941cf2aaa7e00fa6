import { workflowInfo } from '@temporalio/workflow';
import { DEFAULT_DEADLINE_MS } from '../domain/claim';
import { isFailureType, type FailureType } from '../domain/failures';
import { claimWorkflowId, isArchiveId, isTenantId, type ArchiveKey, type TenantId } from '../domain/ids';
import { FARTHEST_DEADLINE_MS, SHORTEST_DEADLINE_MS } from '../domain/orders';
import { endWith } from './failures';

/** The unvalidated input of a workflow. People type it, and Temporal accepts anything. */
export type Fields = Readonly<Record<string, unknown>>;

/** The validated input of a claim. */
export interface CheckedClaim {
  readonly key: ArchiveKey;
  /** Milliseconds since 1970. */
  readonly deadlineAt: number;
  /** Why the claim's last run needed a person. */
  readonly attention: FailureType | undefined;
}

/**
 * Validates the input of `claimArchive`. `carried` counts only in a run that continues another: a person may have copied it.
 * @throws ApplicationFailure `InvalidInput`
 */
export function checkedClaim(input: unknown): CheckedClaim {
  const key = checkedArchive(input, claimWorkflowId);
  const { deadlineMs = DEFAULT_DEADLINE_MS, carried } = fieldsOf(input);
  if (
    typeof deadlineMs !== 'number' ||
    !(deadlineMs >= SHORTEST_DEADLINE_MS && deadlineMs <= FARTHEST_DEADLINE_MS)
  )
    throw invalid('"deadlineMs" must be milliseconds, from 1000 (a second) to 5184000000 (60 days).');
  const { startTime, continuedFromExecutionRunId } = workflowInfo();
  const { deadlineAt, attention } = fieldsOf(continuedFromExecutionRunId === undefined ? undefined : carried);
  return {
    key,
    deadlineAt: typeof deadlineAt === 'number' ? deadlineAt : startTime.getTime() + deadlineMs,
    attention: isFailureType(attention) ? attention : undefined,
  };
}

/**
 * Validates the input of a workflow that handles one archive, and whose workflow id is the lock on it.
 * @throws ApplicationFailure `InvalidInput`
 */
export function checkedArchive(input: unknown, workflowIdOf: (key: ArchiveKey) => string): ArchiveKey {
  const { tenant, archiveId } = fieldsOf(input);
  if (!isTenantId(tenant) || !isArchiveId(archiveId)) {
    throw invalid(
      'Expected {"tenant": "…", "archiveId": "…"}; a tenant has up to 63 letters, digits, "_" and "-", an archive id up to 128 letters, digits, ".", "_" and "-"; both begin with a letter or digit.',
    );
  }
  const expected = workflowIdOf({ tenant, archiveId });
  if (workflowInfo().workflowId !== expected)
    throw invalid(`The workflow id must be ${expected}: it is the lock on the archive.`);
  return { tenant, archiveId };
}

/**
 * Validates the input of a workflow that handles a whole tenant.
 * @throws ApplicationFailure `InvalidInput`
 */
export function checkedTenant(input: unknown): TenantId {
  const { tenant } = fieldsOf(input);
  if (isTenantId(tenant)) return tenant;
  throw invalid('Expected {"tenant": "…"} with a name of up to 63 letters, digits, "_" and "-".');
}

/** The fields of an object; no fields for anything else. */
export function fieldsOf(input: unknown): Fields {
  return typeof input === 'object' && input !== null ? (input as Fields) : {};
}

export function invalid(message: string): Error {
  return endWith('InvalidInput', message);
}
