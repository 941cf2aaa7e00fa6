import type { OnArchive, RunActor } from './actors';
import type { Context } from './context';
import { B, END, membership, rowOf, type Archive, type State } from './state';

/** Actors of one statement. */
export const ONE_STATEMENT = {
  /** The last statement of `verifyCopy`. */
  secure(c: Context, i: number, { x }: OnArchive): void {
    const row = c.s.rows[x];
    if (!row || row.decided || !c.rowFree(i, x)) return;
    c.go(i, 'secured', (next, progress) => {
      Object.assign(next.rows[x]!, { secured: true, failed: false, changedAt: (next.clock += 1) });
      next.mustBeJudged = membership(next.platform);
      progress.step = END;
    });
  },
  /** The bag vanished; the fixity check writes it down. */
  fixity: (c: Context, i: number, { x }: OnArchive) =>
    change(c, i, x, 'fixity check fails, written', (next) => (next.rows[x]!.fixityOk = false)),
  /** A person accepts what was found about the copy. */
  accept: (c: Context, i: number, { x }: OnArchive) =>
    change(c, i, x, 'accepts the warning', (next) => (next.rows[x]!.warned = false)),
  /** A later run of the claim takes the row over. */
  newRun: (c: Context, i: number, { x, run }: RunActor) =>
    change(c, i, x, `run ${run} takes the row over`, (next) =>
      Object.assign(next.rows[x]!, { run, attempt: 1 }),
    ),
  /** A person orders the abandon of all archives of the conference that are known, in copy-only mode. */
  orderAbandon(c: Context, i: number): void {
    if (!c.rowsFree(i)) return;
    c.go(i, 'orders the abandon of all that are known', (next, progress) => {
      for (const row of next.rows) {
        if (!row?.secured || row.told || row.wanted) continue;
        row.wanted = true;
        if (c.rules.listWanted) row.changedAt = next.clock + 1;
      }
      next.clock += 1;
      next.mustBeJudged = membership(next.platform);
      progress.step = END;
    });
  },
  /** A stranger who knows the secret announces an id. */
  forger(c: Context, i: number): void {
    c.go(i, 'announces an id that does not exist', (next, progress) => {
      if (c.rules.forgedRow) next.rows[B] ??= rowOf({ conferences: 0, secured: false });
      progress.step = END;
    });
  },
};

function change(c: Context, i: number, x: Archive, label: string, write: (next: State) => void): void {
  if (c.s.rows[x] === undefined || !c.rowFree(i, x)) return;
  c.go(i, label, (next, progress) => {
    write(next);
    progress.step = END;
  });
}
