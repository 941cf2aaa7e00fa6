import { defineQuery, defineSignal, defineUpdate } from '@temporalio/workflow';
import { ANNOUNCED, PROGRESS, type ClaimProgress } from '../domain/claim';
import { RECHECK } from '../domain/expiry';
import { ORDERS, type Decision, type Extension, type Order } from '../domain/orders';

/** Wakes a claim that waits for the platform or for a person. */
export const announced = defineSignal(ANNOUNCED);

/** Has a watch verify its copy, and ask the platform, at once. */
export const recheck = defineSignal(RECHECK);

/** How far the claim is. */
export const progress = defineQuery<ClaimProgress>(PROGRESS);

/** Settles what a claim that needs a person waits for, or gives the claim up. */
export const decide = defineUpdate<ClaimProgress, [Decision]>(ORDERS.decide);

/** Moves the claim's deadline later. */
export const extendDeadline = defineUpdate<ClaimProgress, [Extension]>(ORDERS.extendDeadline);

/** From now on the archive is not abandoned. */
export const hold = defineUpdate<ClaimProgress, [Order]>(ORDERS.hold);

/** Ends the hold. */
export const release = defineUpdate<ClaimProgress, [Order]>(ORDERS.release);
