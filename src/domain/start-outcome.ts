/**
 * What came of starting a claim. `silent`: Temporal did not answer in time, or is overloaded; the claim may be started all the
 * same. `refused`: it answered, and something is wrong.
 */
export type StartOutcome = 'started' | 'duplicate' | 'silent' | 'refused';

export function isStarted(outcome: StartOutcome): outcome is 'started' | 'duplicate' {
  return outcome === 'started' || outcome === 'duplicate';
}
