import { fail, unlock, type Context } from './context';
import type { OrderActor } from './actors';
import {
  ABANDONED,
  bit,
  END,
  HELD,
  membership,
  nameOf,
  type Archive,
  type Flight,
  type Progress,
  type State,
} from './state';

const STEP = { lock: 0, write: 1, commit: 2, ask: 3, readRecord: 4, lookAgain: 5, release: 6 };

/** A person's order, a cancellation or the deadline; then asks until it is decided. May release in the end. */
export function order(
  c: Context,
  i: number,
  { x, kind = HELD, release = false }: OrderActor,
  me: Progress,
): void {
  const { s, rules } = c;
  const row = s.rows[x];
  if (row === undefined) return;
  const then = release ? STEP.release : END;
  const write = (next: State): void => {
    if (kind === HELD) next.rows[x]!.held = true;
    else next.rows[x]!.decided = true;
  };
  const decide = (next: State, progress: Progress, isInFlight: boolean): void => {
    if (next.rows[x]!.told) progress.step = END;
    else if (isInFlight && rules.recheck) progress.step = STEP.ask;
    else if (rules.orderRecord) {
      progress.step = STEP.readRecord;
      progress.members = rules.lookedAt ? row.conferences : 0;
    } else {
      reply(next, x, kind);
      progress.step = then;
    }
  };
  switch (me.step) {
    case STEP.lock: {
      if (!rules.lookLater) {
        c.go(i, 'one statement: its snapshot', (_, progress) => {
          progress.told = s.flights.some(({ over }) => !over) ? 1 : 0;
          progress.step = STEP.write;
        });
        return;
      }
      if (!c.rowFree(i, x)) return;
      c.go(
        i,
        'locks the row',
        (next, progress) => {
          next.rowLocks[x] = i + 1;
          progress.step = STEP.write;
        },
        true,
      );
      return;
    }
    case STEP.write: {
      if (rules.lookLater) {
        c.go(
          i,
          'writes, then looks for flights',
          (_, progress) => {
            progress.step = STEP.commit;
            progress.told = c.isInFlight(x) ? 1 : 0;
          },
          true,
        );
        return;
      }
      if (!c.rowFree(i, x)) return;
      c.go(i, 'writes the order, answers by its snapshot', (next, progress) => {
        write(next);
        decide(next, progress, me.told === 1 && c.isInFlight(x));
        progress.told = 0;
      });
      return;
    }
    case STEP.commit: {
      c.go(
        i,
        'COMMIT, answer of the ledger',
        (next, progress) => {
          write(next);
          unlock(next, i);
          decide(next, progress, me.told === 1);
          progress.told = 0;
        },
        true,
      );
      return;
    }
    case STEP.ask: {
      if (c.isInFlight(x) && !row.told) return;
      c.go(i, 'asks again', (next, progress) => decide(next, progress, c.isInFlight(x)), true);
      return;
    }
    case STEP.readRecord: {
      readRecord(c, i, x, me, (next, progress) => {
        progress.members = 0;
        reply(next, x, kind);
        progress.step = then;
      });
      return;
    }
    case STEP.lookAgain: {
      c.go(
        i,
        'looks again',
        (next, progress) => {
          progress.step = STEP.ask;
          if (!c.isInFlight(x)) decide(next, progress, false);
        },
        true,
      );
      return;
    }
    case STEP.release: {
      if (kind !== HELD || !c.rowFree(i, x)) return;
      c.go(
        i,
        'releases',
        (next, progress) => {
          next.rows[x]!.held = false;
          next.answers[x] = 0;
          if (rules.listRelease) next.rows[x]!.changedAt = next.clock += 1;
          next.mustBeJudged = membership(next.platform);
          progress.step = END;
        },
        true,
      );
      return;
    }
  }
}

/** "Held" only after the record was read once more, after the look, and names a conference by which that look was made. */
function readRecord(
  c: Context,
  i: number,
  x: Archive,
  me: Progress,
  confirm: (next: State, progress: Progress) => void,
): void {
  const { s, rules, scenario } = c;
  const row = s.rows[x]!;
  const shown = bit(s.platform[x].conference);
  const isNews = ((rules.lookedAt ? me.members : row.conferences) & shown) === 0;
  if (c.isAbandoned(x)) {
    if (c.rowFree(i, x))
      c.go(
        i,
        'reads the record: ABANDONED, too late',
        (next, progress) => {
          next.rows[x]!.told = true;
          progress.step = END;
          progress.members = 0;
        },
        true,
      );
  } else if (!isNews) c.go(i, 'reads the record: still there; answers', confirm, true);
  else if (c.membersFree(i, false) && c.rowFree(i, x))
    c.go(
      i,
      'reads the record: another conference; writes it',
      (next, progress) => {
        next.rows[x]!.conferences |= shown;
        next.ever[x] |= shown;
        progress.step = STEP.lookAgain;
        progress.members = 0;
      },
      true,
    );
  const wasTouched = s.flights.some((flight: Flight) => c.touches(flight, x, row));
  const moves = scenario.events?.some(([what]) => what === 'moves') ?? false;
  if (!moves && (!wasTouched || !rules.silentNever))
    c.go(i, 'the platform does not answer; the ledger alone answers', confirm, true);
}

function reply(next: State, x: Archive, kind: number): void {
  if (next.platform[x].status === ABANDONED)
    fail(
      'I2',
      `answered "${kind === HELD ? 'held' : 'given up'}" of ${nameOf(x)}, which the platform was told already`,
    );
  next.answers[x] = kind;
}
