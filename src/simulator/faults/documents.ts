import { jsonAnswer, type Answer } from './answers';
import type { Fault, FaultOf } from './rules';

type RecordFault = Extract<Fault, { readonly endpoint: 'record' }>;
type ListFault = FaultOf<'partialList' | 'emptyList' | 'listWithoutConferences' | 'wrappedList'>;
type Fields = Readonly<Record<string, unknown>>;

/** The record with what is wrong with it; `undefined` if it has no checksum that could be wrong. */
export function wrongRecord(answer: Answer, fault: RecordFault): Answer | undefined {
  const record = documentIn(answer) as Fields;
  const changes = changesOf(record, fault);
  if (!changes) return undefined;
  const fields = Object.entries({ ...record, ...changes }).filter(([, value]) => value !== null);
  return jsonAnswer(answer.statusCode, Object.fromEntries(fields));
}

/** Fields that replace those of the record; `null` takes one away. */
function changesOf({ archiveId, conferenceId, sha256CheckSum: right }: Fields, fault: RecordFault) {
  if (fault.fault === 'recordFields') return fault.fields;
  if (fault.fault === 'otherArchive') return { archiveId: `${String(archiveId)}-other` };
  if (fault.fault === 'otherConference') return { conferenceId: `${String(conferenceId)}-other` };
  if (typeof right !== 'string') return undefined;
  const wrongChecksums = {
    noChecksum: null,
    upperCaseChecksum: right.toUpperCase(),
    wrongChecksum: (right.startsWith('0') ? '1' : '0') + right.slice(1),
  };
  return { sha256CheckSum: wrongChecksums[fault.fault] };
}

/** The list with what is wrong with it. */
export function wrongList(answer: Answer, fault: ListFault): Answer {
  const records = documentIn(answer) as readonly Fields[];
  if (fault.fault === 'emptyList') return jsonAnswer(200, []);
  if (fault.fault === 'listWithoutConferences')
    return jsonAnswer(
      200,
      records.map((record) => ({ ...record, conferenceId: undefined })),
    );
  if (fault.fault === 'wrappedList') return jsonAnswer(200, { [fault.key]: records });
  const { keep, omit } = fault;
  if (!omit) return jsonAnswer(200, records.slice(0, Math.floor(keep * records.length)));
  const omitted = new Set<unknown>(omit);
  const kept = records.filter(({ archiveId }) => !omitted.has(archiveId));
  return jsonAnswer(200, kept);
}

/** One page of the list: the one that the query names with `page`, from 1 on. */
export function pagedList(answer: Answer, fault: FaultOf<'pagedList'>, path: string): Answer {
  const { size, next, samePage } = fault;
  const records = documentIn(answer) as readonly Fields[];
  const total = records.length;
  const asked = new URL(path, 'http://platform.invalid');
  const page = Number(asked.searchParams.get('page') ?? 1);
  const from = samePage ? 0 : (page - 1) * size;
  const archives = records.slice(from, from + size);
  if (!samePage && page * size >= total) {
    const isBare = next === 'link' || next === 'none';
    return jsonAnswer(200, isBare ? archives : { archives, next: null, hasMore: false, total });
  }
  const address = `${asked.pathname}?page=${page + 1}`;
  const pages = {
    link: archives,
    next: { archives, next: address },
    itself: { archives, next: `${asked.pathname}?page=${page}` },
    links: { data: { archives }, _links: { next: { href: address } } },
    otherOrigin: { archives, next: `http://pages.invalid${address}` },
    cursor: { archives, nextCursor: `after-${page}` },
    total: { archives, total },
    none: archives,
  };
  return jsonAnswer(200, pages[next], next === 'link' ? { link: `<${address}>; rel="next"` } : {});
}

function documentIn({ body }: Answer): unknown {
  return JSON.parse(body.read(0, body.length).toString());
}
