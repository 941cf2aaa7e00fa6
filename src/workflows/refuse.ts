import { ApplicationFailure } from '@temporalio/workflow';
import { EXPECTED_ACCOUNT_NAME, isAccountName, ORDER_REFUSED } from '../domain/orders';

/** Refuses an order with a message that says why. Thrown by a validator, it leaves no trace in the history. */
export function refuse(why: string): never {
  throw ApplicationFailure.nonRetryable(why, ORDER_REFUSED);
}

/** Refuses an order that does not say who gives it. */
export function requireGiver(by: unknown): void {
  if (!isAccountName(by)) refuse(`Expected "by": ${EXPECTED_ACCOUNT_NAME}.`);
}
