import type { IncomingHttpHeaders } from 'node:http';
import { inMemory } from '../bytes/byte-source';
import { givesFile, type Answer, type FileAnswer } from './answer';
import { chunked, cutShort, endless, flipBit, gzip, hugeBody, truncate, wrongLength } from './bodies';
import { pagedList, wrongList } from './lists';
import { multipartRange, rangeNotSatisfiable, wholeFile, wrongContentRange } from './ranges';
import { wrongRecord } from './records';
import { refusal, silence } from './refusals';
import type { Fault, FaultName, FaultOf } from './rules';
import { newETag, noETag, weakETag } from './validators';

/** What faults need to know besides the answer. */
export interface Circumstances {
  /** Those of the request. */
  readonly headers: IncomingHttpHeaders;
  /** Path and query of the request. */
  readonly path: string;
  /** Where a redirect leads. */
  readonly locate: (redirect: FaultOf<'redirect'>) => Promise<string>;
}

type Altered = Answer | Promise<Answer> | undefined;
type Alteration<Name extends FaultName, Given extends Answer = Answer> = (
  answer: Given,
  fault: FaultOf<Name>,
  circumstances: Circumstances,
) => Altered;

/** The faults of answers. */
const ALTERATIONS: { readonly [Name in FaultName]?: Alteration<Name> } = {
  hangUp: () => silence('reset'),
  noAnswer: () => silence('stall'),
  slowHeaders: (answer, { ms }) => ({ ...answer, delayMs: ms }),
  status: (_answer, fault) => refusal(fault),
  reset: (answer, { after }) => cutShort(answer, after, 'reset'),
  stall: (answer, { after }) => cutShort(answer, after, 'stall'),
  truncate,
  drip: (answer, { bytesPerSecond }) => ({ ...answer, bytesPerSecond }),
  flipBit,
  wrongLength,
  chunked,
  endless,
  gzip,
  hugeBody,
  ignoreRange: ofPart(wholeFile),
  wrongContentRange: ofPart(wrongContentRange),
  multipartRange: ofPart(multipartRange),
  rangeNotSatisfiable: ofFile(rangeNotSatisfiable),
  newETag: ofFile((answer, fault, { headers }) => newETag(answer, fault, headers)),
  weakETag: ofFile(weakETag),
  noETag: ofFile(noETag),
  redirect: ofFile((_answer, fault, { locate }) => redirect(fault.statusCode, locate(fault))),
  recordFields: wrongRecord,
  noChecksum: wrongRecord,
  upperCaseChecksum: wrongRecord,
  wrongChecksum: wrongRecord,
  otherConference: wrongRecord,
  otherArchive: wrongRecord,
  partialList: wrongList,
  emptyList: wrongList,
  wrappedList: wrongList,
  pagedList: (answer, fault, { path }) => pagedList(answer, fault, path),
};

/**
 * The answer with the fault in it; `undefined` where it cannot have it. An answer that is an error already can be nothing but slow, so that
 * faults which are to strike a number of times do not wear themselves out before there is anything to spoil.
 */
export function alter(answer: Answer, fault: Fault, circumstances: Circumstances): Altered {
  if (answer.statusCode >= 300 && fault.fault !== 'slowHeaders') return undefined;
  const alteration = ALTERATIONS[fault.fault] as Alteration<FaultName> | undefined;
  return alteration?.(answer, fault, circumstances);
}

function ofFile<Name extends FaultName>(alteration: Alteration<Name, FileAnswer>): Alteration<Name> {
  return (answer, fault, circumstances) =>
    givesFile(answer) ? alteration(answer, fault, circumstances) : undefined;
}

function ofPart<Name extends FaultName>(alteration: Alteration<Name, FileAnswer>): Alteration<Name> {
  return ofFile((answer, fault, circumstances) =>
    answer.statusCode === 206 ? alteration(answer, fault, circumstances) : undefined,
  );
}

async function redirect(statusCode: number, location: Promise<string>): Promise<Answer> {
  const headers = { location: await location, 'content-length': '0' };
  return { statusCode, headers, body: inMemory(Buffer.alloc(0)) };
}
