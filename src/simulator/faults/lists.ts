import { jsonAnswer, type Answer } from './answer';
import type { FaultOf } from './rules';

type Listed = Readonly<Record<string, unknown>>;

/** The list with what is wrong with it. */
export function wrongList(
  answer: Answer,
  fault: FaultOf<'partialList' | 'emptyList' | 'wrappedList'>,
): Answer {
  const records = JSON.parse(answer.body.read(0, answer.body.length).toString()) as readonly Listed[];
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
