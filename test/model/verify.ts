import type { VerifyActor } from './actors';
import { fail, type Context } from './context';
import { END, type Progress } from './state';

/** An attempt of `verifyCopy`; without a sealed bag there is only an incoming file. */
export function verify(c: Context, i: number, { x, attempt }: VerifyActor, me: Progress): void {
  const { s, rules } = c;
  const row = s.rows[x];
  const isMine = row !== undefined && (!rules.attemptFence || row.attempt <= attempt);
  const to = (label: string, step: number) => c.go(i, label, (_, progress) => (progress.step = step));
  if (me.step === 0 && c.rowFree(i, x))
    c.go(i, isMine ? 'begins (fence)' : 'fenced off', (next, progress) => {
      progress.step = isMine ? 1 : END;
      if (isMine) next.rows[x]!.attempt = Math.max(attempt, row.attempt);
    });
  else if (me.step === 1 && s.bags[x]) to('finds it sealed', 5);
  else if (me.step === 1) {
    to('finds a mismatch', 2);
    to('finds it right', 4);
  } else if (me.step === 2)
    c.go(i, 'moves the bad file aside', (_, progress) => {
      if (!rules.bagFence && s.bags[x]) fail('I5', 'a stale attempt moved a sealed bag');
      progress.step = 3;
    });
  else if (me.step === 3 && c.rowFree(i, x))
    c.go(i, 'writes its mismatch', (_, progress) => {
      if (isMine && row.secured) fail('I5', 'a stale attempt wrote over what a later one had secured');
      progress.step = END;
    });
  else if (me.step === 4)
    c.go(i, 'seals the bag', (next, progress) => {
      next.bags[x] = true;
      progress.step = 5;
    });
  else if (me.step === 5 && c.rowFree(i, x))
    c.go(i, 'writes secured', (next, progress) => {
      if (isMine) next.rows[x]!.secured = true;
      progress.step = END;
    });
}
