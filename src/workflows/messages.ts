import { defineQuery, defineSignal } from '@temporalio/workflow';
import { ANNOUNCED, PROGRESS, type ClaimProgress } from '../domain/claim';

/** Wakes a claim that waits for the platform or for a person. */
export const announced = defineSignal(ANNOUNCED);

/** How far the claim is. */
export const progress = defineQuery<ClaimProgress>(PROGRESS);
