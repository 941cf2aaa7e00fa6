import { handlingOf, type FailureType } from '../domain/failures';
import { failureTypeOf, isPassing } from './failure-type';
import type { Variation } from './policy';

/** How a step is tried: at first, and after a person was told. */
interface Paces {
  readonly first: Variation;
  readonly then: Variation;
}

/** Does what `attempt` does: first for a while, then, once a person was told why it goes on failing, without an end. */
export async function persistently<Result>(
  attempt: (pace: Variation) => Promise<Result>,
  paces: Paces,
  tell: (reason: FailureType) => Promise<void>,
): Promise<Result> {
  try {
    return await attempt(paces.first);
  } catch (error) {
    if (!isPassing(error)) throw error;
    await tell(failureTypeOf(error) ?? 'Unexpected');
    return await attempt(paces.then);
  }
}

/** The failure that a step ended with, where a person can do something about it; anything else is thrown on. */
export function troubleIn(error: unknown): FailureType {
  const type = failureTypeOf(error);
  if (type === undefined || handlingOf(type) === 'end') throw error;
  return type;
}
