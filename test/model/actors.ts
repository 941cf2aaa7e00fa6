import {
  A,
  AVAILABLE,
  B,
  bit,
  membership,
  rowOf,
  type Archive,
  type Row,
  type Shown,
  type State,
} from './state';

interface Named {
  readonly name: string;
}

export interface OnArchive extends Named {
  readonly x: Archive;
}

export interface ClaimActor extends OnArchive {
  readonly run?: number;
  readonly attempt?: number;
}

export interface OrderActor extends OnArchive {
  readonly kind?: number;
  readonly release?: boolean;
}

export interface ListActor extends Named {
  /** The list names no conference of B. */
  readonly blind?: boolean;
}

export interface BlindActor extends OnArchive {
  readonly blind?: boolean;
}

export interface VerifyActor extends OnArchive {
  readonly attempt: number;
}

export interface RunActor extends OnArchive {
  readonly run: number;
}

export type Actor =
  | ({ readonly type: 'claim' } & ClaimActor)
  | ({ readonly type: 'order' } & OrderActor)
  | ({ readonly type: 'sweep' | 'forger' | 'orderAbandon' } & Named)
  | ({ readonly type: 'lister' } & ListActor)
  | ({ readonly type: 'fetcher' } & BlindActor)
  | ({ readonly type: 'verify' } & VerifyActor)
  | ({ readonly type: 'newRun' } & RunActor)
  | ({ readonly type: 'secure' | 'fixity' | 'accept' } & OnArchive);

type PlatformEvent = readonly ['appears' | 'stranger' | 'ready' | 'moves' | 'restored', Archive];

export interface Scenario {
  readonly rows?: readonly [Partial<Row> | undefined, Partial<Row> | undefined];
  readonly platform?: readonly [Partial<Shown>, Partial<Shown>];
  readonly bags?: [boolean, boolean];
  readonly events?: readonly PlatformEvent[];
  readonly list?: number;
  readonly copyOnly?: boolean;
  readonly actors: readonly Actor[];
  /** What must stay reachable, instead of an end of all doubt; asked of the states that `from` names, without this actor's help. */
  readonly goal?: (state: State) => boolean;
  readonly from?: (state: State) => boolean;
  readonly without?: number;
}

export function initialState(scenario: Scenario): State {
  const shown = (given: Partial<Shown> = {}): Shown => ({ status: AVAILABLE, conference: 0, ...given });
  const [onPlatformA, onPlatformB] = scenario.platform ?? [];
  const platform: State['platform'] = [shown(onPlatformA), shown(onPlatformB)];
  const [first, second] = scenario.rows ?? [{}, {}];
  const rows: State['rows'] = [first && rowOf(first), second && rowOf(second)];
  return {
    rows,
    flights: [],
    platform,
    clock: 1,
    list: scenario.list ?? 1,
    mustBeJudged: membership(platform),
    answers: [0, 0],
    bags: scenario.bags ?? [true, true],
    ever: [rows[A]?.conferences ?? 0, rows[B]?.conferences ?? 0],
    rowLocks: [0, 0],
    membersExclusive: 0,
    membersShared: 0,
    events: bit(scenario.events?.length ?? 0) - 1,
    actors: scenario.actors.map(() => ({ step: 0, conference: 0, members: 0, told: 0, value: 0 })),
  };
}
