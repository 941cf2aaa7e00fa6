import type { Archive, Row, Shown, State } from './state';

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

export type PlatformEvent = readonly ['appears' | 'stranger' | 'ready' | 'moves', Archive];

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
