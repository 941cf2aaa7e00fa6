import type { IncomingHttpHeaders } from 'undici/types/header';
import { errorCode } from '../domain/error-code';
import { ArchivistError } from '../domain/failures';

/** Milliseconds between tries with credentials that were refused: a key is renewed by people. */
const REJECTED_PAUSE = 60_000;
/** The longest that `Retry-After` is obeyed, in milliseconds. */
const LONGEST_PAUSE = 15 * 60_000;

/** An answer that refuses something. */
export interface Refusal {
  readonly statusCode: number;
  readonly headers: IncomingHttpHeaders;
  /** Whether another origin gave it, which was not shown the API key and cannot speak for the platform. */
  readonly elsewhere: boolean;
}

/** What a status other than success means. `what` says what was asked, as in "the record of archive a1 of acme". */
export function refusal(what: string, { statusCode: status, headers, elsewhere }: Refusal): ArchivistError {
  const pause = retryAfter(headers);
  if (elsewhere) {
    const where = 'The address to which the platform redirects';
    return new ArchivistError('PlatformUnavailable', `${where} answered ${status} for ${what}.`, pause);
  }
  if (status === 401 || status === 403) {
    return new ArchivistError(
      'CredentialsRejected',
      `The platform refused the API key (${status}) for ${what}.`,
      pause ?? REJECTED_PAUSE,
    );
  }
  if (status === 404)
    return new ArchivistError('ArchiveNotFound', `The platform does not know ${what} (404).`, pause);
  return new ArchivistError('PlatformUnavailable', `The platform answered ${status} for ${what}.`, pause);
}

/**
 * Seconds or a date (RFC 9110 §10.2.3), as milliseconds from now. Nothing where that is not in the future: a wait of zero would
 * have the same question asked again and again without a pause.
 */
function retryAfter(headers: IncomingHttpHeaders): number | undefined {
  const value = headers['retry-after'];
  if (typeof value !== 'string') return undefined;
  const wait = /^\d+$/.test(value) ? Number(value) * 1000 : Date.parse(value) - Date.now();
  return wait > 0 ? Math.min(wait, LONGEST_PAUSE) : undefined;
}

/** What an error of the connection means. Only its code is kept: its text may hold the URL. */
export function breakdown(what: string, error: unknown): ArchivistError {
  return new ArchivistError(
    'PlatformUnavailable',
    `The platform could not be reached (${errorCode(error)}) for ${what}.`,
  );
}
