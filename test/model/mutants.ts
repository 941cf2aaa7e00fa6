import type { Rules } from './rules';
import type { ScenarioName } from './scenarios';

export interface Mutant {
  readonly change: Partial<Rules>;
  /** The scenario that is tried first. */
  readonly first: ScenarioName;
}

const without = (first: ScenarioName, change: Partial<Rules>): Mutant => ({ first, change });

/** The protocol with one rule removed or weakened. */
export const MUTANTS = {
  'members unchecked': without('hold', { members: false }),
  'hold unchecked': without('hold', { held: false }),
  'giveUp unchecked': without('give up', { decided: false }),
  'failed fixity ignored': without('fixity', { fixity: false }),
  'warning ignored': without('warning', { warning: false }),
  'copy-only mode ignored': without('copy only', { copyOnly: false }),
  'FAILED taken for gone': without('B failed', { failedCounts: false }),
  'old list accepted (securing)': without('list finds B', { listFresh: false }),
  'old list accepted (release)': without('release, list', { listRelease: false }),
  'old list accepted (abandon order)': without('copy only', { listWanted: false }),
  'list whole before its rows are written': without('list finds B', { wholeLast: false }),
  'rows judged without locks': without('hold', { rowLocks: false }),
  "intend without the members' lock": without('joiner', { lockIntend: false }),
  "insert without the members' lock": without('joiner', { lockInsert: false }),
  "members' lock after row locks": without('locks', { lockFirst: false }),
  'rows locked in no order': without('writers', { sorted: false }),
  'unknown conference ignored': without('unknown row', { unknownBlocks: false }),
  'a restored file ignored': without('restored', { restored: false }),
  'membership overwritten by the last reader': without('B moves, old list', { sticky: false }),
  'no run fence': without('older run', { runFence: false }),
  'no attempt fence': without('zombie', { attemptFence: false }),
  'bag moved by any attempt': without('zombie', { bagFence: false }),
  'hold in one statement': without('hold', { lookLater: false }),
  'hold looks by member only': without('joiner', { lookConference: false }),
  'hold of unknown conference looks by member': without('unknown conference', { lookUnknown: false }),
  'hold without the record': without('B moves', { orderRecord: false }),
  'record not compared with the look': without('B moves', { lookedAt: false }),
  'silent platform: no open flight suffices': without('joiner', { silentNever: false }),
  'undecided answered as held': without('hold', { recheck: false }),
  'owner withdraws when its request ended': without('hold', { ownerEnds: 'ended' }),
  'withdrawn when the attempt timed out': without('hold', { resolve: 'gone' }),
  'withdrawn when the owner is proven dead': without('hold', { resolve: 'dead' }),
  'told ends the flight': without('joiner after told', { toldEnds: true }),
  'platform acts after the settling time': without('hold', { late: true }),
  'told not noted on held rows': without('somebody else', { toldAnyway: false }),
  'one flight at a time, until it is over': without('second flight', { oneFlight: true, settling: false }),
  'idle transactions live on': without('hold', { killIdle: false }),
  'forged ids get rows': without('forged', { forgedRow: true }),
  // The order that reads the record itself is the first line of defence, the resolver's reading the second.
  'settled without reading records': without('hold', { resolveReads: false, orderRecord: false }),
  "settled, flight's members read only": without('joiner', { resolveAll: false, orderRecord: false }),
} satisfies Readonly<Record<string, Mutant>>;

export type MutantName = keyof typeof MUTANTS;
