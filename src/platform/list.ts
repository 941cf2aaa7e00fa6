import { z } from 'zod';
import { ArchivistError } from '../domain/failures';
import { isArchiveId, isConferenceId, type ArchiveId, type ConferenceId } from '../domain/ids';
import { breakdown, drop, type Answer } from './ask';
import { ListElements, NotAList, type Fields } from './list-elements';
import { nextPage, type NextPage } from './next-page';

/** What the platform's list says of one archive. */
export interface ListedArchive {
  /** Absent if it is not fit to become a path: such an archive cannot be claimed. */
  readonly archiveId?: ArchiveId;
  readonly conferenceId?: ConferenceId;
  readonly status: string;
}

/** More pages than any list has: reading must end even if a platform always names another page. */
const MOST_PAGES = 100_000;

/**
 * Reads the platform's list while it arrives, page by page if it comes in pages. Further pages are requested at the platform's own
 * origin only, because every request carries the API key.
 * @param ask requests an address
 * @throws `PlatformUnavailable` unless the list is complete and every part of it is understood. The archives that were given until
 * then are true, but not all of them.
 */
export async function* readList(
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
    const page = yield* readPage(what, await ask(url.href), signal);
    given += page.count;
    if (page.isHidden) throw notWhole(what, 'goes on in a way that is not understood');
    if (page.address === undefined) {
      if (given < (page.total ?? 0)) throw notWhole(what, 'has fewer archives than it says');
      if (asked.size < (page.pages ?? 0)) throw notWhole(what, 'has fewer pages than it says');
      return;
    }
    // A server that ignores the page number sends the first page again and again.
    if (page.first === undefined || begun.has(page.first)) throw notWhole(what, 'goes round in circles');
    begun.add(page.first);
    url = addressIn(what, page.address, url);
    if (asked.has(url.href) || asked.size === MOST_PAGES) throw notWhole(what, 'goes round in circles');
  }
}

/** What is known of a page after it was read. */
interface Page extends NextPage {
  readonly count: number;
  readonly first: ArchiveId | undefined;
}

async function* readPage(
  what: string,
  answer: Answer,
  signal: AbortSignal,
): AsyncGenerator<ListedArchive, Page> {
  const elements = await ListElements.open(NAMES);
  let [count, first]: [number, ArchiveId | undefined] = [0, undefined];
  try {
    requireWhole(answer);
    for await (const chunk of answer.body as AsyncIterable<Buffer>) {
      for (const fields of elements.feed(chunk)) {
        const archive = archiveOf(fields);
        count += 1;
        first ??= archive.archiveId;
        yield archive;
      }
    }
    return { count, first, ...nextPage(answer.headers, elements.end()) };
  } catch (error) {
    signal.throwIfAborted();
    throw error instanceof NotAList ? notWhole(what, error.message) : breakdown(what, error);
  }
}

/** A status other than 200, or a `Content-Range` in any unit, says that this is a part (RFC 9110 §14.4, §15.3.7). */
function requireWhole(answer: Answer): void {
  if (answer.statusCode === 200 && answer.headers['content-range'] === undefined) return;
  drop(answer);
  throw new NotAList('says that it is not the whole list');
}

const identifier = z.union([z.string(), z.int().transform(String)]).optional();
const listed = z.object({
  archiveId: identifier.catch(undefined),
  id: identifier.catch(undefined),
  conferenceId: identifier.catch(undefined),
  status: z.string().catch(''),
});
const NAMES = Object.keys(listed.shape);

function archiveOf(fields: Fields): ListedArchive {
  const { archiveId, id, conferenceId, status } = listed.parse(fields);
  const name = archiveId ?? id;
  return {
    status,
    ...(isArchiveId(name) && { archiveId: name }),
    ...(isConferenceId(conferenceId) && { conferenceId }),
  };
}

function addressIn(what: string, address: string, from: URL): URL {
  if (!URL.canParse(address, from.href)) throw notWhole(what, 'goes on at no address');
  const url = new URL(address, from.href);
  if (url.origin !== from.origin || url.username !== '' || url.password !== '')
    throw notWhole(what, 'goes on at another address than its own');
  return url;
}

function notWhole(what: string, how: string): ArchivistError {
  return new ArchivistError('PlatformUnavailable', `The answer for ${what} ${how}.`);
}
