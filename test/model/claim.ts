import { readingOf, toSet, unlock, type Context } from './context';
import type { ClaimActor } from './actors';
import { isMember, judge, openFlight } from './judge';
import {
  ABANDONED,
  ARCHIVES,
  A,
  B,
  bit,
  END,
  nameOf,
  type Archive,
  type Progress,
  type Row,
  type State,
} from './state';

const STEP = { begin: 0, intend: 1, rows: 2, commit: 3, send: 4, answer: 5, readA: 6, readB: 7, note: 8 };

/** `abandonArchive`, one attempt of one run. The record gives the conference. */
export function claim(c: Context, i: number, actor: ClaimActor, me: Progress): void {
  const { x, run = 1, attempt = 1 } = actor;
  const { s, rules } = c;
  const isMine = (row: Row | undefined): boolean =>
    row !== undefined &&
    (!rules.runFence || row.run === run) &&
    (!rules.attemptFence || row.attempt <= attempt);
  const finish = (next: State, progress: Progress): void => {
    unlock(next, i);
    Object.assign(progress, { step: END, members: 0, told: 0, value: 0 });
  };
  switch (me.step) {
    case STEP.begin: {
      if (!c.rowFree(i, x)) return;
      if (!isMine(s.rows[x])) {
        c.go(i, 'begins, fenced off', finish);
        return;
      }
      c.go(i, 'begins (fence), reads the record', (next, progress) => {
        next.rows[x]!.attempt = Math.max(next.rows[x]!.attempt, attempt);
        progress.conference = next.platform[x].conference;
        progress.step = c.isAbandoned(x) ? STEP.note : STEP.intend;
        progress.told = c.isAbandoned(x) ? bit(x) : 0;
      });
      return;
    }
    case STEP.intend: {
      beginIntend(c, i, me);
      return;
    }
    case STEP.rows: {
      lockRows(c, i, me, x, isMine, finish);
      return;
    }
    case STEP.commit: {
      c.go(i, 'intend: COMMIT', (next, progress) => {
        openFlight(c, i, next, progress, { x, run, attempt });
        progress.step = STEP.send;
      });
      return;
    }
    case STEP.send: {
      c.go(i, 'the lease is over: not sent, flight ends', (next, progress) => {
        next.flights[me.value]!.over = true;
        finish(next, progress);
      });
      c.go(i, 'SENDS', (next, progress) => {
        next.flights[me.value]!.sent = true;
        progress.step = STEP.answer;
      });
      return;
    }
    case STEP.answer: {
      answer(c, i, me);
      return;
    }
    case STEP.readA:
    case STEP.readB: {
      const y = me.step === STEP.readA ? A : B;
      c.go(i, readingOf(c, y), (_, progress) => {
        if (c.isAbandoned(y)) progress.told |= bit(y);
        progress.step = y === A ? STEP.readB : STEP.note;
      });
      return;
    }
    default: {
      note(c, i, me, finish);
      return;
    }
  }
}

/** Begins the transaction: its lock statement takes its snapshot. */
function beginIntend(c: Context, i: number, me: Progress): void {
  const { s, rules } = c;
  const known = toSet(ARCHIVES.filter((y) => isMember(s.rows[y], me.conference)));
  const next = (progress: Progress): void => {
    progress.step = STEP.rows;
    progress.members = rules.rowLocks ? known : 0;
  };
  if (!rules.lockIntend || !rules.lockFirst) {
    c.go(i, 'intend: begins, its lock statement takes its snapshot', (_, progress) => next(progress));
    return;
  }
  if (!c.membersFree(i, true)) return;
  c.go(i, "intend: members' lock, then the lock statement's snapshot", (state, progress) => {
    state.membersExclusive = i + 1;
    next(progress);
  });
}

/** Locks the members' rows one by one, and judges in a later statement. */
function lockRows(
  c: Context,
  i: number,
  me: Progress,
  x: Archive,
  isMine: (row: Row | undefined) => boolean,
  finish: (next: State, progress: Progress) => void,
): void {
  const { s, rules } = c;
  const y = ARCHIVES.find((z) => me.members & bit(z));
  if (y !== undefined) {
    if (!c.rowFree(i, y)) return;
    c.go(i, `intend: locks row ${nameOf(y)}`, (next, progress) => {
      next.rowLocks[y] = i + 1;
      progress.members &= ~bit(y);
    });
    return;
  }
  if (rules.lockIntend && !rules.lockFirst && s.membersExclusive !== i + 1) {
    if (c.membersFree(i, true))
      c.go(i, "intend: members' lock", (next) => {
        next.membersExclusive = i + 1;
      });
    return;
  }
  const obstacle = judge(c, me.conference, x, isMine);
  c.go(i, `intend: judges: ${obstacle ?? 'safe'}`, (next, progress) => {
    if (obstacle === undefined) progress.step = STEP.commit;
    else finish(next, progress);
  });
}

function answer(c: Context, i: number, me: Progress): void {
  const go = (label: string) => c.go(i, label, (_, progress) => (progress.step = STEP.readA));
  go('answer: 2xx');
  go('no answer (timeout, reset, 5xx)');
  if (c.s.flights[me.value]!.refused || c.s.platform.some(({ status }) => status === ABANDONED)) return;
  c.go(i, 'answer: refused (4xx)', (next, progress) => {
    next.flights[me.value]!.refused = true;
    progress.step = STEP.readA;
  });
}

/** One transaction; the rows that it will change are locked one by one. The owner ends its flight only if it had no effect. */
function note(c: Context, i: number, me: Progress, finish: (next: State, progress: Progress) => void): void {
  const { s, rules } = c;
  const order = rules.sorted ? [A, B] : [B, A];
  const next = (order as Archive[]).find(
    (y) => me.told & bit(y) && s.rows[y] && !s.rows[y].told && s.rowLocks[y] !== i + 1,
  );
  if (next !== undefined) {
    if (c.rowFree(i, next))
      c.go(i, `locks row ${nameOf(next)} to write told`, (state) => {
        state.rowLocks[next] = i + 1;
      });
    return;
  }
  c.go(i, 'writes what the records said', (state, progress) => {
    ARCHIVES.filter((y) => me.told & bit(y)).forEach((y) => c.noteTold(state, y));
    const flight = state.flights[me.value];
    if (flight?.owner === i) {
      const isAllTold = (flight.members & ~me.told) === 0;
      if (flight.refused || (rules.toldEnds && isAllTold) || (rules.ownerEnds === 'ended' && !isAllTold))
        flight.over = true;
    }
    finish(state, progress);
  });
}
