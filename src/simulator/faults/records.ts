import { jsonAnswer, type Answer } from './answer';
import type { FaultOf } from './rules';

type RecordFault = FaultOf<
  'recordFields' | 'noChecksum' | 'upperCaseChecksum' | 'wrongChecksum' | 'otherConference' | 'otherArchive'
>;
type Fields = Readonly<Record<string, unknown>>;

/** The record with what is wrong with it. `undefined` where it has no checksum that could be wrong. */
export function wrongRecord(answer: Answer, fault: RecordFault): Answer | undefined {
  const record = JSON.parse(answer.body.read(0, answer.body.length).toString()) as Fields;
  const changes = changesOf(record, fault);
  if (!changes) return undefined;
  const fields = Object.entries({ ...record, ...changes }).filter(([, value]) => value !== null);
  return jsonAnswer(answer.statusCode, Object.fromEntries(fields));
}

/** Fields that replace those of the record; `null` takes one away. */
function changesOf(record: Fields, fault: RecordFault): Fields | undefined {
  switch (fault.fault) {
    case 'recordFields':
      return fault.fields;
    case 'otherArchive':
      return { archiveId: `${String(record['archiveId'])}-other` };
    case 'otherConference':
      return { conferenceId: `${String(record['conferenceId'])}-other` };
    case 'noChecksum':
    case 'upperCaseChecksum':
    case 'wrongChecksum': {
      const { sha256CheckSum } = record;
      if (typeof sha256CheckSum !== 'string') return undefined;
      return { sha256CheckSum: falseChecksum(sha256CheckSum, fault.fault) };
    }
  }
}

function falseChecksum(
  checksum: string,
  fault: 'noChecksum' | 'upperCaseChecksum' | 'wrongChecksum',
): string | null {
  switch (fault) {
    case 'noChecksum':
      return null;
    case 'upperCaseChecksum':
      return checksum.toUpperCase();
    case 'wrongChecksum':
      return (checksum.startsWith('0') ? '1' : '0') + checksum.slice(1);
  }
}
