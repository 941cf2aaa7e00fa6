import { readBags } from './bags';
import { casesOf } from './case';
import { corruptBags } from './corrupt-bags';
import { duplicateEffects } from './duplicate-effects';
import type { Evidence } from './evidence';
import { lost } from './lost';
import { overruled } from './overruled';
import { unfinished } from './unfinished';
import { unsafeAbandons } from './unsafe-abandons';

/** What must not be. Each finding names its archive. */
export interface Findings {
  /** Archives that were there to be had, and of which there is no right copy. */
  readonly lost: readonly string[];
  /** Abandons that were sent while there was no proven, sealed copy of everything that they concern. */
  readonly unsafeAbandons: readonly string[];
  readonly duplicateEffects: readonly string[];
  /** Bags that are not what they say or not what the platform has, and chains of events that are broken. */
  readonly corruptBags: readonly string[];
  /** Decisions of people that were confirmed falsely, or were not kept. */
  readonly overruled: readonly string[];
  /** Archives that are safe and whose claim is not over, or that ended other than they must. */
  readonly unfinished: readonly string[];
}

/** Judges what became of a platform's archives. Shares no code with what it judges. */
export async function judge(evidence: Evidence): Promise<Findings> {
  const bags = await readBags(evidence.store, evidence.tenant);
  const cases = casesOf(evidence, bags);
  return {
    lost: lost(cases),
    unsafeAbandons: unsafeAbandons(cases, evidence.journal),
    duplicateEffects: duplicateEffects(cases, evidence.rows),
    corruptBags: corruptBags(cases, bags),
    overruled: overruled(cases, evidence.holds, evidence.givenUp),
    unfinished: unfinished(cases),
  };
}
