import { jsonAnswer, type Answer } from './answer';
import type { FaultOf } from './rules';

type Listed = Readonly<Record<string, unknown>>;

/** The list with what is wrong with it. */
export function wrongList(
  answer: Answer,
  fault: FaultOf<'partialList' | 'emptyList' | 'wrappedList'>,
): Answer {
  const records = recordsIn(answer);
  switch (fault.fault) {
    case 'emptyList':
      return jsonAnswer(200, []);
    case 'wrappedList':
      return jsonAnswer(200, { [fault.key]: records });
    case 'partialList':
      return jsonAnswer(200, partOf(records, fault));
  }
}

function partOf(records: readonly Listed[], { keep, omit }: FaultOf<'partialList'>): readonly Listed[] {
  if (omit === undefined) return records.slice(0, Math.floor(keep * records.length));
  return records.filter(({ archiveId }) => !omit.some((omitted) => omitted === archiveId));
}

/** One page of the list: the one that the query names with `page`, from 1 on. */
export function pagedList(
  answer: Answer,
  { size, next, samePage }: FaultOf<'pagedList'>,
  path: string,
): Answer {
  const records = recordsIn(answer);
  const asked = new URL(path, 'http://platform.invalid');
  const page = Number(asked.searchParams.get('page') ?? 1);
  const from = samePage ? 0 : (page - 1) * size;
  const archives = records.slice(from, from + size);
  const address = `${asked.pathname}?page=${next === 'itself' ? page : page + 1}`;
  if (!samePage && page * size >= records.length)
    return jsonAnswer(200, lastPage(next, archives, records.length));
  switch (next) {
    case 'link':
      return jsonAnswer(200, archives, { link: `<${address}>; rel="next"` });
    case 'next':
    case 'itself':
      return jsonAnswer(200, { archives, next: address });
    case 'links':
      return jsonAnswer(200, { data: { archives }, _links: { next: { href: address } } });
    case 'otherOrigin':
      return jsonAnswer(200, { archives, next: `http://pages.invalid${address}` });
    case 'cursor':
      return jsonAnswer(200, { archives, nextCursor: `after-${page}` });
    case 'total':
      return jsonAnswer(200, { archives, total: records.length });
    case 'none':
      return jsonAnswer(200, archives);
  }
}

function lastPage(next: FaultOf<'pagedList'>['next'], archives: readonly Listed[], total: number): unknown {
  return next === 'link' || next === 'none' ? archives : { archives, next: null, hasMore: false, total };
}

function recordsIn({ body }: Answer): readonly Listed[] {
  return JSON.parse(body.read(0, body.length).toString()) as readonly Listed[];
}
