import { inMemory } from '../bytes/byte-source';
import { jsonAnswer, textAnswer, type Answer } from './answer';
import type { FaultOf } from './rules';

const HTML = `<!DOCTYPE html>
<html lang="en"><head><title>Service unavailable</title></head><body><h1>We will be back soon</h1></body></html>
`;

/** A status that says that something is wrong. */
export function refusal({ statusCode, retryAfter, retryAfterForm }: FaultOf<'status'>): Answer {
  const headers = retryAfter === undefined ? {} : { 'retry-after': waitOf(retryAfter, retryAfterForm) };
  return jsonAnswer(statusCode, { statusCode, message: 'A fault that was asked for.' }, headers);
}

/** No answer at all; the connection ends, or stays. */
export function silence(ending: 'reset' | 'stall'): Answer {
  return { statusCode: 0, headers: {}, body: inMemory(Buffer.alloc(0)), silent: true, ending };
}

/** What a gateway or a login page answers with status 200. */
export function htmlPage(): Answer {
  return textAnswer(200, 'text/html; charset=utf-8', HTML);
}

export function jsonError(): Answer {
  return jsonAnswer(200, { statusCode: 500, message: 'A fault that was asked for.' });
}

export function invalidJson(): Answer {
  return textAnswer(200, 'application/json; charset=utf-8', '{"archiveId": "a1", "status": AVAILABLE');
}

/** Seconds, or a date (RFC 9110 §10.2.3). */
function waitOf(seconds: number, form: FaultOf<'status'>['retryAfterForm']): string {
  return form === 'seconds' ? String(seconds) : new Date(Date.now() + seconds * 1000).toUTCString();
}
