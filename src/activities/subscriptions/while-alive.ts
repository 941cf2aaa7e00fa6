import { heartbeat } from '@temporalio/activity';

/** Milliseconds between two signs of life. */
const INTERVAL = 1_000;

/** Gives signs of life while `work` lasts, so that Temporal notices within seconds where the worker was killed. */
export async function whileAlive<Result>(work: () => Promise<Result>): Promise<Result> {
  heartbeat();
  const timer = setInterval(() => heartbeat(), INTERVAL);
  try {
    return await work();
  } finally {
    clearInterval(timer);
  }
}
