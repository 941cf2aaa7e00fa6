import { setCurrentDetails, setWorkflowOptions, sleep } from '@temporalio/workflow';
import type { TenantId } from '../domain/ids';
import {
  generationLabel,
  type OurSubscription,
  type RotationWaits,
  type RotationResult,
  type SubscriptionsInput,
  USUAL_WAITS,
} from '../domain/subscriptions';
import { onItsOwn } from './failures';
import { checkedTenant, fieldsOf, invalid } from './input';
import { step } from './steps';
import { versioned } from './run';

setWorkflowOptions(versioned('AUTO_UPGRADE'), rotateCallback);

/**
 * Gives a tenant's callback a new secret: registers a new subscription beside the old one, deletes the old one after an overlap,
 * and retires its secret once deliveries in flight have arrived. If the rotation ends before that, the old subscription
 * still works, and the next rotation cleans up.
 *
 * @throws ApplicationFailure `InvalidInput`, or of the type of the step that failed for good
 */
export async function rotateCallback(input: SubscriptionsInput): Promise<RotationResult> {
  const tenant = checkedTenant(input);
  const waits = checkedWaits(input.waits);
  try {
    return await rotate(tenant, waits);
  } catch (error) {
    throw onItsOwn(error);
  }
}

async function rotate(tenant: TenantId, waits: RotationWaits): Promise<RotationResult> {
  const fresh = await registerFresh(tenant, waits);
  const label = generationLabel(fresh.generation);
  setCurrentDetails(`${label} is registered. The older subscription is kept beside it for a while.`);
  await sleep(waits.overlapMs, { summary: 'Both subscriptions deliver' });
  const deleteSuperseded = step('deleteSuperseded', 'Delete the older subscriptions on the platform');
  setCurrentDetails(`${label} takes over. The older secrets are retired when nothing is in flight any more.`);
  const retired = await retire(
    tenant,
    waits,
    fresh.generation,
    await deleteSuperseded(tenant, fresh.generation),
  );
  setCurrentDetails(`${label} is the one subscription.`);
  return { ...fresh, retired };
}

/** Deletes first what an earlier rotation left behind: if the platform cannot delete, it gets no further subscription. */
async function registerFresh(tenant: TenantId, { spreadMs }: RotationWaits): Promise<OurSubscription> {
  const newestGeneration = step('newestGeneration', 'Look up what there is');
  const clearUp = step('deleteSuperseded', 'Delete what a rotation left behind');
  const registerCallback = step('registerCallback', 'Register a new secret');
  const confirmCallback = step('confirmCallback', 'See that the platform has it');
  const after = await newestGeneration(tenant);
  await clearUp(tenant, undefined);
  const { generation, subscriptionId } = await registerCallback(tenant, { after, spreadMs });
  await confirmCallback(tenant, { generation, subscriptionId });
  return { generation, subscriptionId };
}

/** Retires the older secrets, also of subscriptions that show up late because the platform's answer was lost. */
async function retire(
  tenant: TenantId,
  { drainMs, overlapMs }: RotationWaits,
  fresh: number,
  unsubscribed: readonly number[],
): Promise<readonly number[]> {
  const retireSecrets = step('retireSecrets', 'Retire the older secrets');
  const retired: number[] = [];
  let waiting = unsubscribed;
  do {
    await sleep(drainMs, { summary: 'What is in flight arrives' });
    retired.push(...waiting);
    waiting = await retireSecrets(tenant, { fresh, generations: waiting, forgottenMs: overlapMs });
  } while (waiting.length > 0);
  return retired;
}

/** The usual waits, overridden by those in the input. @throws ApplicationFailure `InvalidInput` */
function checkedWaits(given: unknown): RotationWaits {
  const waits = { ...USUAL_WAITS, ...fieldsOf(given) };
  if ([waits.spreadMs, waits.overlapMs, waits.drainMs].every((ms) => Number.isFinite(ms) && ms >= 0))
    return waits;
  throw invalid('"waits" may be {"spreadMs": …, "overlapMs": …, "drainMs": …}, each in milliseconds from 0.');
}
