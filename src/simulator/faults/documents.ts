import { jsonAnswer, type Answer } from './answers';
import type { FaultOf } from './rules';

type RecordFault = FaultOf<
  'recordFields' | 'noChecksum' | 'upperCaseChecksum' | 'wrongChecksum' | 'otherConference' | 'otherArchive'
>;
type ListFault = FaultOf<'partialList' | 'emptyList' | 'wrappedList'>;
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
function changesOf(record: Fields, fault: RecordFault): Fields | undefined {
  const { sha256CheckSum: checksum } = record;
  switch (fault.fault) {
    case 'recordFields':
      return fault.fields;
    case 'otherArchive':
      return { archiveId: `${String(record['archiveId'])}-other` };
    case 'otherConference':
      return { conferenceId: `${String(record['conferenceId'])}-other` };
    default:
      return typeof checksum === 'string'
        ? { sha256CheckSum: wrongChecksum(checksum, fault.fault) }
        : undefined;
  }
}

function wrongChecksum(checksum: string, fault: 'noChecksum' | 'upperCaseChecksum' | 'wrongChecksum') {
  if (fault === 'noChecksum') return null;
  if (fault === 'upperCaseChecksum') return checksum.toUpperCase();
  return (checksum.startsWith('0') ? '1' : '0') + checksum.slice(1);
}

/** The list with what is wrong with it. */
export function wrongList(answer: Answer, fault: ListFault): Answer {
  const records = documentIn(answer) as readonly Fields[];
  switch (fault.fault) {
    case 'emptyList':
      return jsonAnswer(200, []);
    case 'wrappedList':
      return jsonAnswer(200, { [fault.key]: records });
    case 'partialList': {
      const { keep, omit } = fault;
      const kept = omit
        ? records.filter(({ archiveId }) => !omit.some((omitted) => omitted === archiveId))
        : records.slice(0, Math.floor(keep * records.length));
      return jsonAnswer(200, kept);
    }
  }
}

/** One page of the list: the one that the query names with `page`, from 1 on. */
export function pagedList(
  answer: Answer,
  { size, next, samePage }: FaultOf<'pagedList'>,
  path: string,
): Answer {
  const records = documentIn(answer) as readonly Fields[];
  const total = records.length;
  const asked = new URL(path, 'http://platform.invalid');
  const page = Number(asked.searchParams.get('page') ?? 1);
  const from = samePage ? 0 : (page - 1) * size;
  const archives = records.slice(from, from + size);
  const address = `${asked.pathname}?page=${next === 'itself' ? page : page + 1}`;
  if (!samePage && page * size >= total) {
    const isBare = next === 'link' || next === 'none';
    return jsonAnswer(200, isBare ? archives : { archives, next: null, hasMore: false, total });
  }
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
      return jsonAnswer(200, { archives, total });
    case 'none':
      return jsonAnswer(200, archives);
  }
}

function documentIn({ body }: Answer): unknown {
  return JSON.parse(body.read(0, body.length).toString());
}
