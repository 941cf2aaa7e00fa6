import { request, type Dispatcher } from 'undici';
import { ArchivistError } from '../domain/failures';
import { breakdown } from './answer';
import { discard } from './body';

/** One request to the platform. `what` says what is asked for, as in "the record of archive a1 of acme". */
export interface Question {
  readonly what: string;
  readonly method: 'GET' | 'POST' | 'DELETE';
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** Asks and gives the answer, whatever its status. */
export type Ask = (question: Question, signal: AbortSignal) => Promise<Answer>;

export interface Answer extends Dispatcher.ResponseData {
  /** Whether it came from another origin than the platform's own, to which a redirect led. */
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
      signal.throwIfAborted();
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
    return await request(url, {
      method,
      signal,
      dispatcher: agent,
      headers: { ...headers, ...key },
      ...(body !== undefined && { body }),
    });
  } catch (error) {
    signal.throwIfAborted();
    throw breakdown(what, error);
  }
}

function target(question: Question, location: unknown, from: URL, home: URL): URL {
  if (typeof location !== 'string' || !URL.canParse(location, from.href))
    throw refused(question, 'redirects to no address');
  const to = new URL(location, from);
  const allowed = to.protocol === 'https:' || (to.protocol === 'http:' && home.protocol === 'http:');
  if (!allowed) throw refused(question, 'redirects to an address that is not https');
  if (to.username !== '' || to.password !== '')
    throw refused(question, 'redirects to an address with a password');
  return to;
}

function refused({ what }: Question, how: string): ArchivistError {
  return new ArchivistError('PlatformUnavailable', `The platform ${how} for ${what}; it was not followed.`);
}
