import type { ArchiveId } from '../domain/ids';
import { breakdown, drop, notUnderstood, type Answer } from './ask';
import { ListElements, NotAList } from './list-elements';
import { nextPage, type NextPage } from './next-page';
import { parseListed, type ListedArchive } from './record';

/** The name of the list in messages. */
export const LIST = 'the list of archives';

/** More pages than any list has: reading must end even if a platform always names another page. */
const MOST_PAGES = 100_000;

/**
 * Reads the platform's list while it arrives, page by page if it comes in pages. Further pages are requested at the platform's own
 * origin only, because every request carries the API key.
 * @param ask requests an address
 * @throws `PlatformUnavailable` unless the list is complete and all of it can be parsed. The archives that were yielded until
 * then are valid, but not all of them.
 */
export async function* readList(
  address: string,
  ask: (address: string) => Promise<Answer>,
  signal: AbortSignal,
): AsyncGenerator<ListedArchive> {
  const asked = new Set<string>();
  const begun = new Set<string>();
  let [given, total] = [0, 0];
  for (let url = new URL(address); ;) {
    asked.add(url.href);
    const page = yield* readPage(await ask(url.href), signal);
    given += page.count;
    // If the total shrank, an archive may have moved to a page that was read already.
    total = Math.max(total, page.total ?? 0);
    if (page.isHidden) throw notUnderstood(LIST, 'goes on in a way that is not understood');
    if (page.address === undefined) {
      if (given < total) throw notUnderstood(LIST, 'has fewer archives than it says');
      if (asked.size < (page.pages ?? 0)) throw notUnderstood(LIST, 'has fewer pages than it says');
      return;
    }
    // A server that ignores the page number sends the first page again and again.
    if (page.first === undefined || begun.has(page.first)) throw notUnderstood(LIST, 'goes round in circles');
    begun.add(page.first);
    url = addressIn(page.address, url);
    if (asked.has(url.href) || asked.size === MOST_PAGES) throw notUnderstood(LIST, 'goes round in circles');
  }
}

/** A page after it was read. */
interface Page extends NextPage {
  readonly count: number;
  readonly first: ArchiveId | undefined;
}

async function* readPage(answer: Answer, signal: AbortSignal): AsyncGenerator<ListedArchive, Page> {
  const elements = await ListElements.open();
  let [count, first]: [number, ArchiveId | undefined] = [0, undefined];
  try {
    requireWhole(answer);
    for await (const chunk of answer.body as AsyncIterable<Buffer>) {
      for (const element of elements.feed(chunk)) {
        const archive = parseListed(element);
        count += 1;
        first ??= archive.archiveId;
        yield archive;
      }
    }
    return { count, first, ...nextPage(answer.headers, elements.end()) };
  } catch (error) {
    signal.throwIfAborted();
    throw error instanceof NotAList ? notUnderstood(LIST, error.message) : breakdown(LIST, error);
  }
}

/** A status other than 200, or a `Content-Range` in any unit, says that this is a part (RFC 9110 §14.4, §15.3.7). */
function requireWhole(answer: Answer): void {
  if (answer.statusCode === 200 && answer.headers['content-range'] === undefined) return;
  drop(answer);
  throw new NotAList('says that it is not the whole list');
}

function addressIn(address: string, from: URL): URL {
  if (!URL.canParse(address, from.href)) throw notUnderstood(LIST, 'goes on at no address');
  const url = new URL(address, from.href);
  if (url.origin !== from.origin || url.username !== '' || url.password !== '')
    throw notUnderstood(LIST, 'goes on at another address than its own');
  return url;
}
