import { isUtf8 } from 'node:buffer';
import type { Readable } from 'node:stream';
import { request, type Dispatcher } from 'undici';
import type { IncomingHttpHeaders } from 'undici/types/header';
import { errorCode } from '../domain/error-code';
import { ArchivistError } from '../domain/failures';

/** One request to the platform. `what` says what is asked for, as in "the record of archive a1 of acme". */
export interface Question {
  readonly what: string;
  readonly method: 'GET' | 'POST' | 'DELETE';
  readonly url: string;
  /** In place of `accept: application/json`, and besides. */
  readonly headers?: Readonly<Record<string, string>>;
  /** JSON. */
  readonly body?: string;
}

/** Asks and gives the answer, whatever its status. */
export type Ask = (question: Question, signal: AbortSignal) => Promise<Answer>;

export interface Answer extends Dispatcher.ResponseData {
  /** Whether it came from another origin, to which a redirect led: it was not shown the API key and cannot speak for the platform. */
  readonly elsewhere: boolean;
}

/** Redirects that are followed in a row. */
const MOST_REDIRECTS = 5;
const REDIRECTS = [301, 302, 303, 307, 308];

/**
 * Asks under the tenant's API key. Redirects of a GET are followed, at most five: the key goes to no other origin (it is
 * a secret), and only https is followed, http only where the platform itself is asked by http.
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
 * The address of a header whose bytes are not all ASCII, with each other byte escaped as it came: undici shows headers as Latin-1,
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

/** Milliseconds between tries with credentials that were refused: a key is renewed by people. */
const REJECTED_PAUSE = 60_000;
/** The longest that `Retry-After` is respected, in milliseconds. */
const LONGEST_PAUSE = 15 * 60_000;

/** What a status other than success means. `what` says what was asked, as in "the record of archive a1 of acme". */
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

/** An answer that is not what was asked for; `how` completes the sentence "The answer for …". */
export function notUnderstood(what: string, how: string): ArchivistError {
  return new ArchivistError('PlatformUnavailable', `The answer for ${what} ${how}.`);
}

/** Milliseconds that the rest of an answer is waited for when only its status counts. */
const UNWANTED = 2_000;
/** A record is a few KiB; more than this is no record. */
const LARGEST_RECORD = 8 * 1024 * 1024;

/**
 * Reads a body that nobody wants to its end, so that the connection can serve again; but not for long.
 * @throws the reason of `signal`, and nothing else
 */
export async function discard({ body }: Dispatcher.ResponseData, signal: AbortSignal): Promise<void> {
  const enough = AbortSignal.any([signal, AbortSignal.timeout(UNWANTED)]);
  await body.dump({ limit: 64 * 1024, signal: enough }).catch(() => undefined);
  signal.throwIfAborted();
}

/** Closes the connection of a body that nobody wants. */
export function drop({ body }: { readonly body: Readable }): void {
  body.on('error', () => undefined).destroy();
}

/** Reads a body of a record's size; one that is not UTF-8 is Latin-1, of which no byte gets lost. @throws `PlatformUnavailable` where it breaks off or is too large */
export async function readText(
  what: string,
  { body }: Dispatcher.ResponseData,
  signal: AbortSignal,
): Promise<string> {
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
  const bytes = Buffer.concat(chunks);
  return bytes.toString(isUtf8(bytes) ? 'utf8' : 'latin1');
}

/** A byte order mark before it is no part of it. @returns `undefined` for what is not JSON */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch {
    return undefined;
  }
}
