import { ArchivistError } from '../domain/failures';

/** Runs a small request and reads its answer within one time limit. `what` names what is asked for. */
export type AnswerLimit = <Result>(
  what: string,
  signal: AbortSignal,
  work: (signal: AbortSignal) => Promise<Result>,
) => Promise<Result>;

/**
 * Gives small answers, such as records, one limit from the request to the last byte, redirects included. Stall timeouts restart
 * with every byte: an answer that trickles in would block its caller for days.
 * @throws ArchivistError `PlatformUnavailable` that names the limit; else what `work` throws, the reason of `signal` included
 */
export function createAnswerLimit(limitMs: number): AnswerLimit {
  return async (what, signal, work) => {
    const limit = AbortSignal.timeout(limitMs);
    try {
      return await work(AbortSignal.any([signal, limit]));
    } catch (error) {
      if (error !== limit.reason) throw error;
      const message = `The platform did not give the whole answer for ${what} within ${limitMs / 1000} s.`;
      throw new ArchivistError('PlatformUnavailable', message);
    }
  };
}
