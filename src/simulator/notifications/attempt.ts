import { request, type Dispatcher } from 'undici';
import { acknowledgementStatus, type AcknowledgementStatus } from './acknowledgement';

/** What came of one POST to a callback. */
export interface AttemptOutcome {
  readonly acknowledged: boolean;
  readonly statusCode?: number;
  /** `Timeout`, or the code or class of what went wrong. */
  readonly error?: string;
  readonly answer?: AcknowledgementStatus;
}

/** One POST to a callback: what came of it, and when. */
export interface Attempt {
  readonly outcome: AttemptOutcome;
  readonly startedAt: Date;
  readonly ms: number;
}

/** "A Webhook has to be responded to within 3 seconds" (guide). */
const LIMIT_MS = 3000;

/** Sends one notification once. Redirects are not followed. Never throws. */
export async function attempt(url: string, body: string, dispatcher: Dispatcher): Promise<Attempt> {
  const startedAt = new Date();
  const begin = performance.now();
  const outcome = await post(url, body, dispatcher);
  return { outcome, startedAt, ms: Math.round(performance.now() - begin) };
}

async function post(url: string, body: string, dispatcher: Dispatcher): Promise<AttemptOutcome> {
  const limit = new AbortController();
  const timer = setTimeout(() => limit.abort(), LIMIT_MS).unref();
  try {
    const response = await request(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
      dispatcher,
      signal: limit.signal,
    });
    const answer = await acknowledgementStatus(response.body);
    return {
      acknowledged: isAccepted(response.statusCode),
      statusCode: response.statusCode,
      ...(answer && { answer }),
    };
  } catch (error) {
    return { acknowledged: false, error: limit.signal.aborted ? 'Timeout' : labelOf(error) };
  } finally {
    clearTimeout(timer);
  }
}

/** "a status code that is greater than 199 and smaller than 399" (guide) */
function isAccepted(statusCode: number): boolean {
  return 199 < statusCode && statusCode < 399;
}

function labelOf(error: unknown): string {
  const { code, name } = error as { readonly code?: unknown; readonly name?: unknown };
  return [code, name].find((label) => typeof label === 'string') ?? 'Error';
}
