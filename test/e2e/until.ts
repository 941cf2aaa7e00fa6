import { setTimeout as pause } from 'node:timers/promises';

const PATIENCE_MS = 60_000;

/** Asks again and again until the answer is neither false nor undefined, and gives it. @throws after `patienceMs`, a minute if absent */
export async function until<Answer>(
  what: string,
  ask: () => Promise<Answer | false | undefined>,
  patienceMs = PATIENCE_MS,
): Promise<Answer> {
  const limit = Date.now() + patienceMs;
  for (;;) {
    const answer = await ask();
    if (answer !== false && answer !== undefined) return answer;
    if (Date.now() > limit) throw new Error(`It took too long: ${what}.`);
    await pause(20);
  }
}
