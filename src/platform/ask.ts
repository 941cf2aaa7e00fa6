import type { Readable } from 'node:stream';
import { request, type Dispatcher } from 'undici';
import type { IncomingHttpHeaders } from 'undici/types/header';
import { errorCode } from '../domain/error-code';
import { ArchivistError } from '../domain/failures';

/** One request to the platform. `what` names what is asked for, as in "the record of archive a1 of acme". */
export interface Question {
  readonly what: string;
  readonly method: 'GET' | 'POST' | 'DELETE';
  readonly url: string;
  /** Additional headers; they may override `accept: application/json`. */
  readonly headers?: Readonly<Record<string, string>>;
  /** JSON. */
  readonly body?: string;
}

/** Sends a request and returns the answer, whatever its status. */
export type Ask = (question: Question, signal: AbortSignal) => Promise<Answer>;

export interface Answer extends Dispatcher.ResponseData {
  /** Whether a redirect led to another origin: that one did not get the API key, and its answer is not the platform's. */
  readonly elsewhere: boolean;
}

/** Redirects that are followed in a row. */
const MOST_REDIRECTS = 5;
const REDIRECTS = [301, 302, 303, 307, 308];

/**
 * Sends requests with the tenant's API key. It follows at most five redirects of a GET. The key goes to no other origin (it is
 * a secret). It follows redirects to https only, or to http if the platform's own URL is http.
 */
export function createAsk(agent: Dispatcher, apiKey: () => string): Ask {
  return async (question, signal) => {
    const home = new URL(question.url);
    let address = home;
    for (let redirects = 0; ; redirects += 1) {
      const elsewhere = address.origin !== home.origin;
      const key = elsewhere ? {} : { 'api-key': apiKey() };
      const answer = await send(agent, { ...question, url: address.href }, key, signal);
      if (question.method !== 'GET' || !REDIRECTS.includes(answer.statusCode))
        return { ...answer, elsewhere };
      await discard(answer, signal);
      if (redirects === MOST_REDIRECTS) throw refused(question, 'redirects without an end');
      address = target(question, answer.headers['location'], address, home);
    }
  };
}

async function send(
  agent: Dispatcher,
  { what, method, url, headers, body }: Question,
  key: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<Dispatcher.ResponseData> {
  try {
    const content = body === undefined ? {} : { 'content-type': 'application/json' };
    return await request(url, {
      method,
      signal,
      dispatcher: agent,
      headers: { accept: 'application/json', ...content, ...headers, ...key },
      body: body ?? null,
    });
  } catch (error) {
    signal.throwIfAborted();
    throw breakdown(what, error);
  }
}

function target(question: Question, location: unknown, from: URL, home: URL): URL {
  const address = typeof location === 'string' ? escaped(location) : undefined;
  if (address === undefined || !URL.canParse(address, from.href))
    throw refused(question, 'redirects to no address');
  const to = new URL(address, from);
  const allowed = to.protocol === 'https:' || (to.protocol === 'http:' && home.protocol === 'http:');
  if (!allowed) throw refused(question, 'redirects to an address that is not https');
  if (to.username !== '' || to.password !== '')
    throw refused(question, 'redirects to an address with a password');
  return to;
}

/**
 * Percent-encodes the bytes of an address in a header that are not ASCII, unchanged: undici decodes headers as Latin-1,
 * while most servers mean UTF-8.
 */
export function escaped(address: string): string {
  return address.replace(/[\x80-\xff]/g, (byte) => `%${byte.charCodeAt(0).toString(16).toUpperCase()}`);
}

function refused({ what }: Question, how: string): ArchivistError {
  return new ArchivistError(
    'PlatformUnavailable',
    `The platform ${how} for ${what}; Archivist did not follow the redirect.`,
  );
}

/** Milliseconds between attempts after credentials were refused: people renew a key. */
const REJECTED_PAUSE = 60_000;
/** The longest that `Retry-After` is respected, in milliseconds. */
const LONGEST_PAUSE = 15 * 60_000;

/** The failure for a status other than success. `what` names what was asked for, as in "the record of archive a1 of acme". */
export function refusal(
  what: string,
  { statusCode: status, headers, elsewhere }: Pick<Answer, 'statusCode' | 'headers' | 'elsewhere'>,
): ArchivistError {
  const pause = retryAfter(headers);
  if (elsewhere) {
    const where = 'The address to which the platform redirects';
    return new ArchivistError('PlatformUnavailable', `${where} answered ${status} for ${what}.`, pause);
  }
  if (status === 401 || status === 403) {
    const message = `The platform refused the API key (${status}) for ${what}.`;
    return new ArchivistError('CredentialsRejected', message, pause ?? REJECTED_PAUSE);
  }
  if (status === 404)
    return new ArchivistError('ArchiveNotFound', `The platform does not know ${what} (404).`, pause);
  return new ArchivistError('PlatformUnavailable', `The platform answered ${status} for ${what}.`, pause);
}

/**
 * Parses seconds or a date (RFC 9110 §10.2.3) to milliseconds from now; `undefined` if that is not in the future. A wait of
 * zero would repeat the same request without a pause.
 */
function retryAfter(headers: IncomingHttpHeaders): number | undefined {
  const value = headers['retry-after'];
  if (typeof value !== 'string') return undefined;
  const wait = /^\d+$/.test(value) ? Number(value) * 1000 : Date.parse(value) - Date.now();
  return wait > 0 ? Math.min(wait, LONGEST_PAUSE) : undefined;
}

/** The failure for a connection error. It keeps only the error's code: the text may hold the URL. */
export function breakdown(what: string, error: unknown): ArchivistError {
  return new ArchivistError(
    'PlatformUnavailable',
    `The platform could not be reached (${errorCode(error)}) for ${what}.`,
  );
}

/** The failure for an answer that is not what was asked for; `how` completes the sentence "The answer for …". */
export function notUnderstood(what: string, how: string): ArchivistError {
  return new ArchivistError('PlatformUnavailable', `The answer for ${what} ${how}.`);
}

/** Milliseconds to wait for the rest of an answer of which only the status matters. */
const UNWANTED = 2_000;
/** A record is a few KiB; more than this is no record. */
const LARGEST_RECORD = 8 * 1024 * 1024;

/**
 * Reads an unneeded body to its end, so that the connection can be reused; but not for long.
 * @throws the reason of `signal`, and nothing else
 */
export async function discard({ body }: Dispatcher.ResponseData, signal: AbortSignal): Promise<void> {
  const enough = AbortSignal.any([signal, AbortSignal.timeout(UNWANTED)]);
  await body.dump({ limit: 64 * 1024, signal: enough }).catch(() => undefined);
  signal.throwIfAborted();
}

/** Closes the connection of an unneeded body. */
export function drop({ body }: { readonly body: Readable }): void {
  body.on('error', () => undefined).destroy();
}

/** Reads a body of a record's size. @throws `PlatformUnavailable` if it breaks off or is too large */
export async function readBytes(
  what: string,
  { body }: Dispatcher.ResponseData,
  signal: AbortSignal,
): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of body as AsyncIterable<Buffer>) {
      size += chunk.length;
      if (size > LARGEST_RECORD) break;
      chunks.push(chunk);
    }
  } catch (error) {
    signal.throwIfAborted();
    throw breakdown(what, error);
  }
  if (size > LARGEST_RECORD) throw notUnderstood(what, 'is too large to be a record');
  return Buffer.concat(chunks);
}
