import {
  ActivityFailure,
  allHandlersFinished,
  CancellationScope,
  CancelledFailure,
  condition,
  continueAsNew,
  isCancellation,
  setWorkflowOptions,
} from '@temporalio/workflow';
import type { ArchiveFacts, ClaimEnd, ClaimInput, ClaimResult, SecuredArchive } from '../../domain/claim';
import type { FailureType } from '../../domain/failures';
import { nameOf, type ArchiveKey } from '../../domain/ids';
import {
  againFromTheRecord,
  decidedEnd,
  endWith,
  failureTypeOf,
  handlingOfFailure,
  onceThenPatiently,
  onItsOwn,
  unlessItFails,
} from '../failures';
import { checkedClaim } from '../input';
import { versioned } from '../run';
import { step, URGENTLY } from '../steps';
import { Orders } from './orders';
import { ClaimStatus } from './status';

interface Claim {
  readonly key: ArchiveKey;
  readonly status: ClaimStatus;
  readonly orders: Orders;
}

setWorkflowOptions(versioned('PINNED'), claimArchive);

/**
 * Claims one archive: waits until the platform has it, downloads it, verifies and seals the copy, and only then tells the
 * platform that it may delete its file. `domain/states.ts` explains the states, `domain/failures.ts` how failures are handled.
 *
 * @throws ApplicationFailure `InvalidInput`, `ArchiveUnknown`, `ArchiveMissed`, `GivenUp`, `Cancelled` or `DeadlineExceeded`
 */
export async function claimArchive(input: ClaimInput): Promise<ClaimResult> {
  const { key, deadlineAt, attention } = checkedClaim(input);
  const status = new ClaimStatus(key, deadlineAt, attention);
  const orders = new Orders(key, deadlineAt, (at) => status.setDeadline(at));
  const claim = { key, status, orders };
  const work = new CancellationScope();
  orders.watchOver(work);
  try {
    const result = await work.run(() => untilDone(claim, attention));
    if (result.state === 'secured' && orders.mustEnd) throw new CancelledFailure('Ended before the abandon.');
    status.setState(result.state, result);
    return result;
  } catch (error) {
    throw await ending(claim, error);
  } finally {
    await CancellationScope.nonCancellable(() => condition(allHandlersFinished));
  }
}

/** Tries until the claim succeeds. After a try that needs a person it asks for one, and waits for an order, a notification or six hours. */
async function untilDone(claim: Claim, attention: FailureType | undefined): Promise<ClaimResult> {
  let isPatient = attention === 'CredentialsRejected';
  for (;;) {
    try {
      return await againFromTheRecord(() => goTheWay(claim, isPatient));
    } catch (error) {
      const handling = handlingOfFailure(error);
      if (handling === undefined || handling === 'end') throw error;
      const { wakes } = claim.orders;
      const reason = failureTypeOf(error) ?? 'Unexpected';
      claim.status.needPerson(reason);
      const end = await unlessItFails(step('needAttention', `Needs a person: ${reason}`)(claim.key, reason));
      // The next try retries until the key is accepted. If it is refused after it got the record, the key lacks a permission.
      const isKey = reason === 'CredentialsRejected';
      if (!isKey || isPatient) await claim.orders.pause(wakes, end);
      isPatient = isKey;
    }
  }
}

/** The main path of a claim: record, copy, verification, abandon. */
async function goTheWay(claim: Claim, isPatient: boolean): Promise<ClaimResult> {
  const { key, status, orders } = claim;
  status.setState('waiting', {}, { publish: false });
  const awaitAvailable = step('awaitAvailable', 'Ask for the record until the archive is available');
  const terms = () => ({ deadlineAt: orders.deadlineAt, patient: isPatient });
  const found = await orders.untilAnswered(() => awaitAvailable(key, terms()));
  if ('deadlineAt' in found) orders.moveDeadline(found.deadlineAt);
  switch (found.outcome) {
    case 'available':
      return await abandon(claim, await secure(claim, found.facts, found.urgent));
    case 'secured':
      return await abandon(claim, found.secured);
    case 'done':
      return { ...found.secured, state: found.state, alreadyDone: true };
    case 'decided':
      throw decidedEnd(key, found.decision, status.progress.state);
    case 'unknown':
      throw endWith('ArchiveUnknown', `The platform has no ${nameOf(key)}.`);
  }
}

async function secure({ key, status }: Claim, facts: ArchiveFacts, urgent: boolean): Promise<SecuredArchive> {
  const options = urgent ? URGENTLY : {};
  status.setState('downloading', { conferenceId: facts.conferenceId });
  const copy = await step('downloadArchive', 'Bring the bytes into the store', options)(key, facts);
  status.setState('verifying', { sizeBytes: copy.sizeBytes }, { publish: false });
  return await step('verifyCopy', 'Read the copy back, compare it and seal it', options)(key, facts, copy);
}

/** Usually succeeds at once. If it takes longer, the claim publishes that it is secured. */
async function abandon({ key, status }: Claim, secured: SecuredArchive): Promise<ClaimResult> {
  status.setState('secured', secured, { publish: false });
  const found = await onceThenPatiently(
    (tries) => step('abandonArchive', 'Tell the platform that it may delete its file', tries)(key, secured),
    () => status.publish(),
  );
  if (found.outcome === 'abandoned') return { ...secured, state: 'abandoned', alreadyDone: false };
  return { ...secured, state: 'secured', alreadyDone: false, waitsFor: found.waitsFor };
}

/** Records how the claim ended, and returns the failure to end with. A claim that was only interrupted continues as new. */
async function ending({ key, status, orders }: Claim, error: unknown): Promise<unknown> {
  const { attention, state } = status.progress;
  if (!isCancellation(error)) {
    const reason = failureTypeOf(error) ?? 'Unexpected';
    const kind = reason === 'ArchiveMissed' ? 'missed' : 'failed';
    if (error instanceof ActivityFailure) await endClaim(key, { kind, reason });
    status.setState(kind);
    return onItsOwn(error);
  }
  const { decision, deadlineAt } = orders;
  const passed = { kind: 'deadline', reason: 'DeadlineExceeded', deadlineAt } as const;
  if (decision === 'deadline' && (await endClaim(key, passed)) === 'extended') orders.withdrawDeadline();
  if (!orders.mustEnd) {
    const carried = { deadlineAt, ...(attention !== undefined && { attention }) };
    return await continueAsNew<typeof claimArchive>({ ...key, carried });
  }
  // A person's decision is already in the ledger.
  if (orders.decision === undefined) await endClaim(key, { kind: 'cancelled', reason: 'Cancelled' });
  status.setState('failed');
  return orders.decision === undefined ? error : decidedEnd(key, orders.decision, state);
}

const endClaim = (key: ArchiveKey, end: ClaimEnd): Promise<'extended' | undefined> =>
  CancellationScope.nonCancellable(() => unlessItFails(step('endClaim', `Ended: ${end.reason}`)(key, end)));
