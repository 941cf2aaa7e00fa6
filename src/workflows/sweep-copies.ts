import {
  continueAsNew,
  ParentClosePolicy,
  setCurrentDetails,
  setWorkflowOptions,
  startChild,
  workflowInfo,
} from '@temporalio/workflow';
import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import { repairWorkflowId, type ArchiveKey } from '../domain/ids';
import { searchAttributesOf } from '../domain/search-attributes';
import {
  REPAIR_COPY,
  type RepairInput,
  type RepairResult,
  type SweepBatch,
  type SweepCounts,
  type SweepInput,
  type SweepReport,
} from '../domain/sweep';
import { onItsOwn } from './failure-type';
import { checkedTenant, fieldsOf } from './input';
import { step } from './steps';
import { versioned } from './versioned';

/** Events after which a sweep goes on in a new run; it must not come near 2,000. */
const LONG_HISTORY = 1_000;

/** Repairs that are started at a time. */
const STARTS = 50;

setWorkflowOptions(versioned('AUTO_UPGRADE'), sweepCopies);

/**
 * Does what the ledger says is due, batch by batch, until nothing is: flights are settled, copies verified again, deletions confirmed,
 * rows closed, and what may be abandoned by now is queued. For each copy that is damaged it starts a repair, which outlives it.
 *
 * @throws ApplicationFailure of type `InvalidInput`, `UnknownTenant`, or of what kept a batch from its end
 */
export async function sweepCopies(input: SweepInput): Promise<SweepReport> {
  const tenant = checkedTenant(input);
  let report = { tenant, ...carriedCounts(input) };
  try {
    for (;;) {
      const batch = await step('sweepDue', 'Do what is due')(tenant);
      await startRepairs(batch.damaged);
      report = { tenant, ...sum(report, batch) };
      setCurrentDetails(
        `${report.rechecked} copies verified again so far, ${report.damaged} of them damaged.`,
      );
      // A batch that did nothing has met another sweep at its work.
      if (!batch.more || isIdle(batch)) return report;
      if (workflowInfo().historyLength >= LONG_HISTORY)
        await continueAsNew<typeof sweepCopies>({ tenant, carried: report });
    }
  } catch (error) {
    throw onItsOwn(error);
  }
}

/** One repair an archive at a time: one that runs already is left alone. */
async function startRepairs(damaged: readonly ArchiveKey[]): Promise<void> {
  for (let begun = 0; begun < damaged.length; begun += STARTS)
    await Promise.all(damaged.slice(begun, begun + STARTS).map(startRepair));
}

async function startRepair({ tenant, archiveId }: ArchiveKey): Promise<void> {
  try {
    await startChild<(input: RepairInput) => Promise<RepairResult>>(REPAIR_COPY, {
      args: [{ tenant, archiveId }],
      workflowId: repairWorkflowId({ tenant, archiveId }),
      workflowIdReusePolicy: 'ALLOW_DUPLICATE',
      parentClosePolicy: ParentClosePolicy.ABANDON,
      typedSearchAttributes: searchAttributesOf({ tenant, archiveId, state: 'attention' }),
      staticSummary: `Repair the copy of archive ${archiveId} of ${tenant}`,
    });
  } catch (error) {
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
  }
}

function sum(
  a: SweepCounts,
  { rechecked, whole, expired, closed, settled, queued, damaged }: SweepBatch,
): SweepCounts {
  return {
    rechecked: a.rechecked + rechecked,
    whole: a.whole + whole,
    expired: a.expired + expired,
    closed: a.closed + closed,
    settled: a.settled + settled,
    queued: a.queued + queued,
    damaged: a.damaged + damaged.length,
  };
}

function isIdle({ rechecked, expired, closed, settled, queued }: SweepBatch): boolean {
  return rechecked + expired + closed + settled + queued === 0;
}

/** What the runs before this one counted. */
function carriedCounts(input: SweepInput): SweepCounts {
  const counts = fieldsOf(
    workflowInfo().continuedFromExecutionRunId === undefined ? undefined : input.carried,
  );
  const of = (name: keyof SweepCounts) => (typeof counts[name] === 'number' ? counts[name] : 0);
  return {
    rechecked: of('rechecked'),
    whole: of('whole'),
    expired: of('expired'),
    closed: of('closed'),
    settled: of('settled'),
    queued: of('queued'),
    damaged: of('damaged'),
  };
}
