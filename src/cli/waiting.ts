import { tellWait } from './output';

/** Milliseconds after which a person is told what a command waits for. */
const SOON_MS = 2_500;

type Await = <Answer>(answer: Promise<Answer>) => Promise<Answer>;

/** @returns a function that awaits answers of `whom`; the first time that one takes long, it says who is waited for */
export function waitingFor(whom: string): Await {
  let isTold = false;
  return async (answer) => {
    const timer = setTimeout(() => {
      if (!isTold) tellWait(whom);
      isTold = true;
    }, SOON_MS);
    try {
      return await answer;
    } finally {
      clearTimeout(timer);
    }
  };
}
