import {
  allHandlersFinished,
  CancellationScope,
  condition,
  continueAsNew,
  isCancellation,
  setHandler,
} from '@temporalio/workflow';
import type { ClaimInput, ClaimResult } from '../domain/claim';
import type { FailureType } from '../domain/failures';
import type { ArchiveKey } from '../domain/ids';
import { Attempt } from './attempt';
import { Attention } from './attention';
import { checked } from './claim-input';
import { ClaimStatus } from './claim-status';
import { Deadline } from './deadline';
import { endingOf, endWith, failureTypeOf } from './failure-type';
import { Holding } from './holding';
import { announced } from './messages';
import { Orders } from './orders';
import { readClaimPolicy, step } from './policy';
import { startWatch } from './start-watch';
import { Wakeable } from './wakeable';
import { CutOff, Work } from './work';

/** Each may leave a hundred events in the history, which must stay far below 51,200. */
const TRIES_A_RUN = 50;

/**
 * Claims one archive: waits until the platform has it, downloads, proves, seals and records it, and only then tells the
 * platform that it may delete its own. The states and what moves between them are in `domain/states.ts`; what each failure
 * leads to is in `domain/failures.ts`; what people may tell it meanwhile is in `domain/orders.ts`.
 *
 * @throws ApplicationFailure of type `InvalidInput`, `ArchiveMissed`, `GivenUp` or `DeadlineExceeded`; the ledger has it by
 * then
 */
export async function claimArchive(input: ClaimInput): Promise<ClaimResult> {
  const { key, abandonBy, carried } = checked(input);
  const terms = { ...carried?.terms };
  const status = new ClaimStatus(key);
  const waiting = new Wakeable();
  const holding = new Holding(status);
  const deadline = new Deadline(status, holding);
  const work = new Work();
  const orders = new Orders({ key, status, waiting, holding, deadline, work, terms });
  setHandler(announced, () => waiting.wake());

  const policy = await readClaimPolicy(key);
  const abandon = carried?.abandon ?? (policy.abandon || abandonBy !== undefined);
  holding.place(policy.held);
  deadline.move(carried?.deadline ?? Date.now() + policy.deadlineMs);
  orders.begin();
  try {
    const claimed = await work.run(deadline, async () => {
      if (abandonBy !== undefined) await orderAbandon(key, abandonBy);
      const attempt = new Attempt(key, status, waiting, holding, terms);
      const result = await untilDone(() => attempt.run(abandon), new Attention(key, status, waiting));
      return result ?? (await goOn({ ...input, carried: { deadline: deadline.at, abandon, terms } }));
    });
    await startWatch(key, policy, claimed);
    return claimed;
  } catch (error) {
    throw await end(key, status, error);
  } finally {
    await orders.answered();
  }
}

/** Makes of an abandon that copy-only mode would refuse one that a person ordered, by name. */
async function orderAbandon(key: ArchiveKey, by: string): Promise<void> {
  await step('orderAbandon', `${by} wants it abandoned`).orderAbandon(key, by);
}

/** Tries until it succeeds. @returns `undefined` where it should go on in another run */
async function untilDone(
  attempt: () => Promise<ClaimResult>,
  attention: Attention,
): Promise<ClaimResult | undefined> {
  for (let tries = 0; tries < TRIES_A_RUN; tries += 1) {
    try {
      return await attempt();
    } catch (error) {
      await attention.ask(error);
    }
  }
  return undefined;
}

/** Goes on in a run of its own, whose history is empty, once all orders are answered. */
async function goOn(input: ClaimInput): Promise<never> {
  await condition(allHandlersFinished);
  return await continueAsNew<typeof claimArchive>(input);
}

/** Records how the claim ended, whatever cut it off, and gives the failure to end with. */
async function end(key: ArchiveKey, status: ClaimStatus, error: unknown): Promise<unknown> {
  const type = reasonFor(error);
  if (type === undefined) return error;
  const before = status.progress.state;
  const state = type === 'ArchiveMissed' ? 'missed' : 'failed';
  status.enter(state);
  const { recordOutcome } = step('recordOutcome', `Ended: ${type}`);
  await CancellationScope.nonCancellable(() => recordOutcome(key, state, type));
  return type === 'Cancelled' ? error : endWith(type, endingOf(key, type, before));
}

function reasonFor(error: unknown): FailureType | undefined {
  if (error instanceof CutOff) return error.reason;
  return isCancellation(error) ? 'Cancelled' : failureTypeOf(error);
}
