import type { BlindActor, ListActor } from './actors';
import { readingOf, toSet, unlock, type Context } from './context';
import {
  A,
  ABSENT,
  ARCHIVES,
  B,
  bit,
  DEAD,
  END,
  nameOf,
  type Archive,
  type Progress,
  type State,
} from './state';

/** The sweep: notes what records say, and ends flights that may be ended. Never stops. */
export function sweep(c: Context, i: number, me: Progress): void {
  const { s, rules } = c;
  if (me.step === 0) {
    s.flights.forEach((flight, k) => {
      const mayEnd = { settled: flight.settled, dead: s.actors[flight.owner]!.step === DEAD, gone: true }[
        rules.resolve
      ];
      if (flight.over || !mayEnd) return;
      c.go(
        i,
        `takes flight ${k}`,
        (_, progress) => {
          progress.value = k + 1;
          progress.step = rules.resolveReads ? 1 : 3;
        },
        true,
      );
    });
    if (ARCHIVES.some((x) => s.rows[x] && c.isAbandoned(x) && !s.rows[x].told))
      c.go(i, 'looks at records', (_, progress) => (progress.step = 1), true);
  } else if (me.step === 1 || me.step === 2) {
    const x = me.step === 1 ? A : B;
    const flight = s.flights[me.value - 1];
    const reads = s.rows[x] !== undefined && (!flight || (flight.members & bit(x)) !== 0 || rules.resolveAll);
    c.go(
      i,
      reads ? readingOf(c, x) : '-',
      (_, progress) => {
        if (reads && c.isAbandoned(x)) progress.told |= bit(x);
        progress.step += 1;
      },
      true,
    );
  } else if (c.rowsFree(i))
    c.go(
      i,
      'writes what the records said, ends the flight',
      (next, progress) => {
        ARCHIVES.filter((x) => me.told & bit(x)).forEach((x) => c.noteTold(next, x));
        if (me.value > 0) next.flights[me.value - 1]!.over = true;
        Object.assign(progress, { step: 0, value: 0, told: 0 });
      },
      true,
    );
}

const LIST = { begin: 0, read: 1, lockMembers: 2, lockRows: 3, commit: 4, whole: 5 };

/** Reconciliation reads the list: begins, reads, writes the rows, marks it whole. */
export function lister(c: Context, i: number, { blind = false }: ListActor, me: Progress): void {
  const { s, rules } = c;
  const to = (step: number) => (_: State, progress: Progress) => void (progress.step = step);
  if (me.step === LIST.begin)
    c.go(i, 'list begins', (next, progress) => {
      progress.value = next.clock += 1;
      progress.step = LIST.read;
    });
  else if (me.step === LIST.read)
    c.go(i, 'list is read', (_, progress) => {
      progress.told = toSet(ARCHIVES.filter((x) => s.platform[x].status !== ABSENT));
      progress.members = toSet(ARCHIVES.filter((x) => s.platform[x].conference === 1));
      progress.conference = toSet(ARCHIVES.filter((x) => c.isAbandoned(x)));
      progress.step = rules.wholeLast ? LIST.lockMembers : LIST.whole;
    });
  else if (me.step === LIST.whole)
    c.go(i, 'list marked whole', (next, progress) => {
      next.list = Math.max(next.list, me.value);
      progress.step = rules.wholeLast ? END : LIST.lockMembers;
      progress.value = 0;
    });
  else if (me.step === LIST.lockMembers) lockMembers(c, i, LIST.lockRows, 'begins to write');
  else if (me.step === LIST.lockRows) {
    const order: Archive[] = rules.sorted ? [A, B] : [B, A];
    const x = order.find((y) => me.told & bit(y) && s.rowLocks[y] !== i + 1);
    if (x === undefined) c.go(i, 'rows written', to(LIST.commit));
    else if (c.rowFree(i, x))
      c.go(i, `locks and writes row ${nameOf(x)}`, (next) => {
        next.rowLocks[x] = i + 1;
      });
  } else
    c.go(i, 'COMMIT of the rows', (next, progress) => {
      for (const x of ARCHIVES.filter((y) => me.told & bit(y))) {
        const conference = blind && x === B ? 0 : bit((me.members >> x) & 1);
        c.show(next, x, conference, (me.conference & bit(x)) !== 0);
      }
      unlock(next, i);
      Object.assign(progress, {
        step: rules.wholeLast ? LIST.whole : END,
        told: 0,
        members: 0,
        conference: 0,
      });
    });
}

/** A claim's first step: reads the record (perhaps without a conference at first) and writes the archive's row. */
export function fetcher(c: Context, i: number, { x, blind = false }: BlindActor, me: Progress): void {
  const { s } = c;
  if (me.step === 0) {
    if (s.platform[x].status === ABSENT) return;
    c.go(i, 'reads the record', (_, progress) => {
      progress.members = blind ? 0 : bit(s.platform[x].conference);
      progress.told = c.isAbandoned(x) ? 1 : 0;
      progress.step = 1;
    });
  } else if (me.step === 1) lockMembers(c, i, 2, 'begins to write the row');
  else if (c.rowFree(i, x))
    c.go(i, 'COMMIT of the row', (next, progress) => {
      c.show(next, x, me.members, me.told === 1);
      unlock(next, i);
      Object.assign(progress, { step: END, members: 0, told: 0 });
    });
}

/** Who inserts a row, or adds a conference to one, holds the members' lock until the commit. */
function lockMembers(c: Context, i: number, then: number, label: string): void {
  if (c.rules.lockInsert && !c.membersFree(i, false)) return;
  c.go(i, label, (next, progress) => {
    if (c.rules.lockInsert) next.membersShared |= bit(i);
    progress.step = then;
  });
}
