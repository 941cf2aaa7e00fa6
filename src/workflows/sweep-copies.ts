import {
  continueAsNew,
  ParentClosePolicy,
  setCurrentDetails,
  setWorkflowOptions,
  startChild,
  workflowInfo,
} from '@temporalio/workflow';
import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import { repairWorkflowId, type ArchiveKey, type TenantId } from '../domain/ids';
import { searchAttributesOf } from '../domain/search-attributes';
import {
  NOTHING_SWEPT,
  REPAIR_COPY,
  type CarriedSweep,
  type RepairInput,
  type RepairResult,
  type SweepBatch,
  type SweepCounts,
  type SweepInput,
  type SweepReport,
  type SweepTotals,
} from '../domain/sweep';
import { onItsOwn } from './failures';
import { checkedTenant } from './input';
import { isHistoryLong, versioned } from './run';
import { step } from './steps';

/** Events after which a sweep continues as new; it must not come near 2,000. */
const LONG_HISTORY = 1_000;

/** Repairs that are started concurrently. */
const STARTS = 50;

/** The counters of a batch. */
const COUNTED = Object.keys(NOTHING_SWEPT) as (keyof SweepCounts)[];

setWorkflowOptions(versioned('AUTO_UPGRADE'), sweepCopies);

/**
 * Does what the ledger says is due, batch by batch, until nothing is: settles flights, verifies copies again, confirms deletions,
 * closes rows, and queues what may be abandoned by now. For each damaged copy it starts a repair, which outlives the sweep.
 *
 * @throws ApplicationFailure of type `InvalidInput`, `UnknownTenant`, or the type of a batch's failure
 */
export async function sweepCopies(input: SweepInput): Promise<SweepReport> {
  const tenant = checkedTenant(input);
  const { report: before, damaged } = carriedOver(input);
  let report = before;
  try {
    await startRepairs(damaged, { tenant, report });
    for (;;) {
      const batch = await step('sweepDue', 'Do what is due')(tenant);
      report = sum(report, batch);
      setCurrentDetails(
        `${report.rechecked} copies verified again so far, ${report.damaged} of them damaged.`,
      );
      await startRepairs(batch.damaged, { tenant, report });
      // If a batch did nothing although more is due, another sweep is at work.
      if (!batch.more || COUNTED.every((name) => batch[name] === 0)) return { tenant, ...report };
    }
  } catch (error) {
    throw onItsOwn(error);
  }
}

/** Starts at most one repair per archive at a time. If the history is long, the sweep continues as new. */
async function startRepairs(
  damaged: readonly ArchiveKey[],
  { tenant, report }: { readonly tenant: TenantId; readonly report: SweepTotals },
): Promise<void> {
  for (let begun = 0; ; begun += STARTS) {
    if (isHistoryLong(LONG_HISTORY))
      await continueAsNew<typeof sweepCopies>({ tenant, carried: { report, damaged: damaged.slice(begun) } });
    if (begun >= damaged.length) return;
    await Promise.all(damaged.slice(begun, begun + STARTS).map(startRepair));
  }
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

function sum(before: SweepTotals, batch: SweepBatch): SweepTotals {
  const sums = { ...before, damaged: before.damaged + batch.damaged.length };
  for (const name of COUNTED) sums[name] += batch[name];
  return sums;
}

/** The counts of the runs before this one, and the repairs that they left to start. */
function carriedOver(input: SweepInput): CarriedSweep {
  const isContinued = workflowInfo().continuedFromExecutionRunId !== undefined;
  return (
    (isContinued ? input.carried : undefined) ?? { report: { ...NOTHING_SWEPT, damaged: 0 }, damaged: [] }
  );
}
