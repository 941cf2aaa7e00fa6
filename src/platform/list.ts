import { z } from 'zod';
import { ArchivistError } from '../domain/failures';
import { isArchiveId, isConferenceId, type ArchiveId, type ConferenceId } from '../domain/ids';
import { breakdown } from './answer';
import type { Answer } from './ask';
import { JsonElements } from './json-elements';
import { nextPage, type NextPage } from './next-page';

/** What the platform's list says of one archive. */
export interface ListedArchive {
  /** Absent where it is not fit to become a path: such an archive cannot be claimed. */
  readonly archiveId?: ArchiveId;
  readonly conferenceId?: ConferenceId;
  readonly status: string;
}

/** What is known of a list, or a page of it, when it was read. */
interface Page extends NextPage {
  readonly count: number;
  readonly first: ArchiveId | undefined;
}

const identifier = z.union([z.string(), z.int().transform(String)]).nullish();
const listed = z.looseObject({
  archiveId: identifier.catch(undefined),
  id: identifier.catch(undefined),
  conferenceId: identifier.catch(undefined),
  status: z.string().catch(''),
});

/**
 * Reads the platform's list, or a page of it, while it arrives. The guide does not say how it is wrapped: a bare array and an object
 * that holds one are taken.
 * @throws `PlatformUnavailable` where it breaks off or is no list; what was given until then is true, but not all
 */
export async function* readList(
  what: string,
  { body, headers }: Answer,
  signal: AbortSignal,
): AsyncGenerator<ListedArchive, Page> {
  const elements = new JsonElements();
  let [count, first]: [number, ArchiveId | undefined] = [0, undefined];
  try {
    for await (const chunk of body as AsyncIterable<Buffer>) {
      for (const element of elements.feed(chunk)) {
        const archive = archiveIn(element);
        count += 1;
        first ??= archive.archiveId;
        yield archive;
      }
    }
    if (!elements.isComplete) throw new SyntaxError();
    return { count, first, ...nextPage(headers['link'], elements.envelope) };
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof RangeError || error instanceof SyntaxError) throw notAList(what);
    throw breakdown(what, error);
  }
}

function archiveIn(element: Buffer): ListedArchive {
  const parsed = listed.safeParse(JSON.parse(element.toString('utf8')));
  const { archiveId, id, conferenceId, status } = parsed.success ? parsed.data : { status: '' };
  const name = archiveId ?? id;
  return {
    status,
    ...(isArchiveId(name) && { archiveId: name }),
    ...(isConferenceId(conferenceId) && { conferenceId }),
  };
}

function notAList(what: string): ArchivistError {
  return new ArchivistError('PlatformUnavailable', `The answer for ${what} is not a whole list.`);
}
