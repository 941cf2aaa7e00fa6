import type { Rules } from './rules';
import type { Scenario } from './actors';
import {
  ABANDONED,
  ABANDONED_BY_OTHERS,
  ARCHIVES,
  bit,
  cloneState,
  nameOf,
  rowOf,
  type Archive,
  type Flight,
  type Progress,
  type Row,
  type State,
} from './state';

/** Thrown by a step after which something that must always hold does not. */
export class Violation extends Error {}

export type Emit = (label: string, isFree: boolean, actor: number | undefined, make: () => State) => void;

/**
 * What programs of actors work with: one state, and the steps that lead on from it. READ COMMITTED is explicit: each statement is a
 * step that sees what is committed, a lock blocks, and what a transaction writes appears at its commit.
 */
export class Context {
  /** Who waits for whom, by the numbers of actors. */
  readonly waits: (readonly [number, number])[] = [];

  constructor(
    readonly s: State,
    readonly scenario: Scenario,
    readonly rules: Rules,
    private readonly emit: Emit,
  ) {}

  /** A step of an actor. `isFree`: it is taken in the end, without the claims' help; liveness relies on such steps only. */
  go(i: number, label: string, change: (next: State, me: Progress) => void, isFree = false): void {
    this.emit(`${this.scenario.actors[i]!.name}: ${label}`, isFree, i, () => {
      const next = cloneState(this.s);
      change(next, next.actors[i]!);
      return next;
    });
  }

  /** A step of the platform, of time, or of death. */
  happen(label: string, change: (next: State) => void, isFree = false): void {
    this.emit(label, isFree, undefined, () => {
      const next = cloneState(this.s);
      change(next);
      return next;
    });
  }

  rowFree(i: number, x: Archive): boolean {
    const owner = this.s.rowLocks[x];
    if (owner === 0 || owner === i + 1) return true;
    this.waits.push([i, owner - 1]);
    return false;
  }

  rowsFree(i: number): boolean {
    return ARCHIVES.map((x) => this.rowFree(i, x)).every(Boolean);
  }

  membersFree(i: number, isExclusive: boolean): boolean {
    const { membersExclusive, membersShared } = this.s;
    const others = [...this.s.actors.keys()].filter(
      (j) => j !== i && (membersExclusive === j + 1 || (isExclusive && (membersShared & bit(j)) !== 0)),
    );
    others.forEach((j) => this.waits.push([i, j]));
    return others.length === 0;
  }

  isHolding(i: number): boolean {
    const { rowLocks, membersExclusive, membersShared } = this.s;
    return rowLocks.includes(i + 1) || membersExclusive === i + 1 || (membersShared & bit(i)) !== 0;
  }

  /** `look` of the product: whether a request may touch the archive. */
  touches(flight: Flight, x: Archive, row: Row): boolean {
    const { lookConference, lookUnknown } = this.rules;
    return (
      (flight.members & bit(x)) !== 0 ||
      (lookConference && (row.conferences & bit(flight.conference)) !== 0) ||
      (lookUnknown && row.conferences === 0)
    );
  }

  isInFlight(x: Archive, flights: readonly Flight[] = this.s.flights): boolean {
    return flights.some((flight) => !flight.over && this.touches(flight, x, this.s.rows[x]!));
  }

  isAbandoned(x: Archive): boolean {
    const { status } = this.s.platform[x];
    return status === ABANDONED || status === ABANDONED_BY_OTHERS;
  }

  noteTold(next: State, x: Archive): void {
    const row = next.rows[x];
    if (row && (this.rules.toldAnyway || (!row.held && !row.decided)))
      Object.assign(row, { told: true, back: false });
  }

  /** `note_shown` of the product: a record or a list showed the archive. */
  show(next: State, x: Archive, conferences: number, isTold: boolean): void {
    const row = next.rows[x];
    if (row === undefined) next.rows[x] = rowOf({ conferences, secured: false, changedAt: 0, told: isTold });
    else {
      row.conferences = this.rules.sticky ? row.conferences | conferences : conferences || row.conferences;
      if (isTold) this.noteTold(next, x);
      else row.back = row.told;
    }
    next.ever[x] |= conferences;
  }
}

export function unlock(next: State, i: number): void {
  next.rowLocks = next.rowLocks.map((owner) => (owner === i + 1 ? 0 : owner)) as State['rowLocks'];
  if (next.membersExclusive === i + 1) next.membersExclusive = 0;
  next.membersShared &= ~bit(i);
}

export const toSet = (archives: readonly Archive[]): number =>
  archives.reduce<number>((set, x) => set | bit(x), 0);

export function fail(what: string, why: string): never {
  throw new Violation(`${what}: ${why}`);
}

/** The reading of one record, as a label says it. */
export function readingOf(context: Context, x: Archive): string {
  return `reads record ${nameOf(x)}: ${context.isAbandoned(x) ? 'ABANDONED' : 'AVAILABLE'}`;
}
