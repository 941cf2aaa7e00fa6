import { ApplicationFailure, defineQuery, defineSignal, defineUpdate } from '@temporalio/workflow';
import { ANNOUNCED, PROGRESS, type ClaimProgress } from '../domain/claim';
import {
  CHOICES,
  EXPECTED_ACCOUNT_NAME,
  FARTHEST_DEADLINE_MS,
  isAccountName,
  isChoice,
  isReason,
  ORDER_REFUSED,
  type Decision,
  type Extension,
  type Order,
  type OrderAnswer,
} from '../domain/orders';
import { fieldsOf } from './input';

/** Makes a claim read the orders in the ledger, and ends a pause or a wait between two polls. */
export const announced = defineSignal(ANNOUNCED);

/** How far the claim is. */
export const progress = defineQuery<ClaimProgress>(PROGRESS);

/** Gives a claim that needs a person its decision, or gives the claim up. */
export const decide = defineUpdate<OrderAnswer, [Decision]>('decide');

/** Moves the claim's deadline later. */
export const extendDeadline = defineUpdate<OrderAnswer, [Extension]>('extendDeadline');

/** From now on the archive is not abandoned. */
export const hold = defineUpdate<OrderAnswer, [Order]>('hold');

/** Ends the hold. */
export const release = defineUpdate<OrderAnswer, [Order]>('release');

/** Refuses an order that does not say whose it is. A refusal by a validator adds no event to the history. */
export function validateOrder(input: unknown): void {
  const { by, reason } = fieldsOf(input);
  if (!isAccountName(by)) refuse(`Expected "by": ${EXPECTED_ACCOUNT_NAME}.`);
  if (reason !== undefined && !isReason(reason))
    refuse('Expected "reason": one line of 1 to 200 characters.');
}

export function validateDecision(input: unknown): void {
  validateOrder(input);
  if (!isChoice(fieldsOf(input)['choice'])) refuse(`Expected "choice": one of ${CHOICES.join(', ')}.`);
}

export function validateExtension(input: unknown): void {
  validateOrder(input);
  const { ms } = fieldsOf(input);
  if (!Number.isSafeInteger(ms) || !(Number(ms) >= 1 && Number(ms) <= FARTHEST_DEADLINE_MS))
    refuse('Expected "ms": whole milliseconds, from 1 to 5184000000 (60 days).');
}

export function refuse(why: string): never {
  throw ApplicationFailure.nonRetryable(why, ORDER_REFUSED);
}
