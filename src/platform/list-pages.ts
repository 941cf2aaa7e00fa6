import { ArchivistError } from '../domain/failures';
import type { Answer } from './ask';
import { readList, type ListedArchive } from './list';

/** More pages than any list has: there must be an end where a platform links on and on. */
const MOST_PAGES = 100_000;

/**
 * Reads a list page by page, where it comes in pages; else whole. Other pages are asked for at the platform's own origin only, since
 * the API key goes with each question.
 * @param ask gives the answer from an address
 * @throws `PlatformUnavailable` where it does not come to its end: also where pages repeat themselves, the next one cannot be asked for, or
 * there are fewer archives than it says
 */
export async function* readPages(
  what: string,
  address: string,
  ask: (address: string) => Promise<Answer>,
  signal: AbortSignal,
): AsyncGenerator<ListedArchive> {
  const asked = new Set<string>();
  const begun = new Set<string>();
  let given = 0;
  for (let url = new URL(address); ;) {
    asked.add(url.href);
    const page = yield* readList(what, await ask(url.href), signal);
    given += page.count;
    if (page.isHidden) throw incomplete(what, 'goes on in a way that is not understood');
    if (page.address === undefined) {
      if (given < (page.total ?? 0)) throw incomplete(what, 'has fewer archives than it says');
      return;
    }
    // A server that does not heed the page's number gives the first one again and again.
    if (page.first === undefined || begun.has(page.first)) throw incomplete(what, 'goes round in circles');
    begun.add(page.first);
    url = addressIn(what, page.address, url);
    if (asked.has(url.href) || asked.size === MOST_PAGES) throw incomplete(what, 'goes round in circles');
  }
}

function addressIn(what: string, address: string, from: URL): URL {
  if (!URL.canParse(address, from.href)) throw incomplete(what, 'goes on at no address');
  const url = new URL(address, from.href);
  if (url.origin !== from.origin || url.username !== '' || url.password !== '')
    throw incomplete(what, 'goes on at another address than its own');
  return url;
}

function incomplete(what: string, how: string): ArchivistError {
  return new ArchivistError('PlatformUnavailable', `The answer for ${what} ${how}.`);
}
