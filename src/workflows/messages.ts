import { defineQuery, defineSignal, defineUpdate } from '@temporalio/workflow';
import { ANNOUNCED, PROGRESS, type ClaimProgress } from '../domain/claim';
import { ORDERS, type Decision, type Extension, type Order, type OrderAnswer } from '../domain/orders';

/** Has a claim read the orders in the ledger, and end a pause or a wait between two polls. */
export const announced = defineSignal(ANNOUNCED);

/** How far the claim is. */
export const progress = defineQuery<ClaimProgress>(PROGRESS);

/** Settles what a claim that needs a person waits for, or gives the claim up. */
export const decide = defineUpdate<OrderAnswer, [Decision]>(ORDERS.decide);

/** Moves the claim's deadline later. */
export const extendDeadline = defineUpdate<OrderAnswer, [Extension]>(ORDERS.extendDeadline);

/** From now on the archive is not abandoned. */
export const hold = defineUpdate<OrderAnswer, [Order]>(ORDERS.hold);

/** Ends the hold. */
export const release = defineUpdate<OrderAnswer, [Order]>(ORDERS.release);
