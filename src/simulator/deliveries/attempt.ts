import { request, type Dispatcher } from 'undici';
import { errorCode } from '../../domain/error-code';

/** What came of one POST to a callback. */
export interface AttemptOutcome {
  /** 199 < status < 399 within 3 seconds. */
  readonly acknowledged: boolean;
  readonly statusCode?: number;
  /** `Timeout`, or the code or class of what went wrong. */
  readonly error?: string;
  /** The field `status` of the answer, if it is one of a gateway's. */
  readonly answer?: (typeof GATEWAY_ANSWERS)[number];
}

const GATEWAY_ANSWERS = ['accepted', 'duplicate', 'ignored'] as const;

/** "A Webhook has to be responded to within 3 seconds" (guide). */
const LIMIT_MS = 3000;

/** Sends one notification once. Redirects are not followed. Never throws. */
export async function attempt(url: string, body: string, dispatcher: Dispatcher): Promise<AttemptOutcome> {
  const limit = AbortSignal.timeout(LIMIT_MS);
  try {
    const response = await request(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
      dispatcher,
      signal: limit,
    });
    const { statusCode } = response;
    const answer = await gatewayAnswer(response.body);
    // "a status code that is greater than 199 and smaller than 399" (guide)
    return { acknowledged: 199 < statusCode && statusCode < 399, statusCode, ...(answer && { answer }) };
  } catch (error) {
    return { acknowledged: false, error: limit.aborted ? 'Timeout' : errorCode(error) };
  }
}

/** The field `status` of an answer; `undefined` unless it is one that a gateway gives. */
async function gatewayAnswer(body: Dispatcher.ResponseData['body']): Promise<AttemptOutcome['answer']> {
  const answer: unknown = await body.json().catch(() => undefined);
  return GATEWAY_ANSWERS.find((known) => known === (answer as { status?: unknown } | undefined)?.status);
}
