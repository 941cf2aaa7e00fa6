/** Two archives are enough: every fault that is known needs one that is judged, and one that is overlooked. */
export type Archive = 0 | 1;
export const A = 0;
export const B = 1;
export const ARCHIVES = [A, B] as const;
export const nameOf = (archive: Archive): string => (archive === A ? 'A' : 'B');

/** Sets of archives or of conferences are bits of a number. */
export const bit = (index: number): number => 1 << index;

/** Where a program is when nothing is left to do, and when its process died. */
export const END = 90;
export const DEAD = 91;

/** A row of `archives`. */
export interface Row {
  /** The conferences that the archive was ever shown in; 0: unknown. */
  conferences: number;
  secured: boolean;
  /** When it was last secured, released, or ordered to be abandoned. */
  changedAt: number;
  held: boolean;
  decided: boolean;
  told: boolean;
  /** Told, and shown with a file since: the platform restored it. */
  back: boolean;
  fixityOk: boolean;
  run: number;
  attempt: number;
  failed: boolean;
  /** A finding that nobody accepted. */
  warned: boolean;
  /** In copy-only mode: a person ordered the abandon. */
  wanted: boolean;
}

/** A row of `abandons`. */
export interface Flight {
  conference: number;
  members: number;
  owner: number;
  over: boolean;
  /** The settling time is over. */
  settled: boolean;
  sent: boolean;
  refused: boolean;
  /** Not in the ledger: whom the judgement may rightly cover. */
  covers: number;
}

export const ABSENT = 0;
export const AVAILABLE = 1;
export const ABANDONED = 2;
export const ABANDONED_BY_OTHERS = 3;
export const IN_PROGRESS = 4;

/** What the platform has. */
export interface Shown {
  status: number;
  conference: number;
}

/** Where an actor is, and what it remembers. */
export interface Progress {
  step: number;
  conference: number;
  members: number;
  told: number;
  value: number;
}

export const HELD = 1;
export const GIVEN_UP = 2;

export interface State {
  rows: [Row | undefined, Row | undefined];
  flights: Flight[];
  platform: [Shown, Shown];
  clock: number;
  /** When the latest whole list began. */
  list: number;
  /** What people were answered: 0, `HELD` or `GIVEN_UP`. */
  answers: [number, number];
  /** Whether the bag is sealed. */
  bags: [boolean, boolean];
  /** Not in the ledger: who was in a conference when one of it was last secured, released or ordered. */
  mustBeJudged: [number, number];
  /** Not in the ledger: all conferences that it ever had of an archive. */
  ever: [number, number];
  /** Who locks a row: the actor's number + 1. */
  rowLocks: [number, number];
  /** Who has the members' lock, exclusive (number + 1) and shared (bits). */
  membersExclusive: number;
  membersShared: number;
  /** Events of the platform that are left. */
  events: number;
  actors: Progress[];
}

export function rowOf(given: Partial<Row> = {}): Row {
  return {
    conferences: 1,
    secured: true,
    changedAt: 1,
    held: false,
    decided: false,
    told: false,
    back: false,
    fixityOk: true,
    run: 1,
    attempt: 1,
    failed: false,
    warned: false,
    wanted: false,
    ...given,
  };
}

/** Who is in which conference, by what the platform has. */
export function membership(platform: State['platform']): [number, number] {
  const of = (conference: number) =>
    ARCHIVES.filter(
      (x) => platform[x].status !== ABSENT && platform[x].conference === conference,
    ).reduce<number>((set, x) => set | bit(x), 0);
  return [of(0), of(1)];
}

export function cloneState(s: State): State {
  const [first, second] = s.rows;
  return {
    ...s,
    rows: [first && { ...first }, second && { ...second }],
    flights: s.flights.map((flight) => ({ ...flight })),
    platform: [{ ...s.platform[A] }, { ...s.platform[B] }],
    mustBeJudged: [...s.mustBeJudged],
    answers: [...s.answers],
    bags: [...s.bags],
    ever: [...s.ever],
    rowLocks: [...s.rowLocks],
    actors: s.actors.map((progress) => ({ ...progress })),
  };
}

/** The same text for the same state. */
export function encodeState(s: State): string {
  let text = '';
  const put = (values: object | undefined): void => {
    if (values === undefined) text += '~';
    else for (const value of Object.values(values)) text += String.fromCharCode(40 + Number(value));
  };
  s.rows.forEach(put);
  s.platform.forEach(put);
  s.actors.forEach(put);
  text += '|';
  s.flights.forEach(put);
  put([s.clock, s.list, s.membersExclusive, s.membersShared, s.events]);
  [s.mustBeJudged, s.answers, s.bags, s.ever, s.rowLocks].forEach(put);
  return text;
}
