import type { FastifyRequest } from 'fastify';
import { inMemory } from '../content/bytes';
import { errorAnswer, jsonAnswer, refusal, silence, textAnswer, withHeaders } from './answers';
import type { Answer, FileAnswer } from './answers';
import * as bodies from './bodies';
import { pagedList, wrongList, wrongRecord } from './documents';
import type { Fault, FaultName, FaultOf } from './rules';

/** Says where the redirect of a download leads: what its header `Location` says. */
type Locate = (redirect: FaultOf<'redirect'>) => string;
type Instead<Name extends FaultName> = (fault: FaultOf<Name>, ids: readonly string[]) => Answer;
type Alteration<Name extends FaultName, Given extends Answer = Answer> = (
  answer: Given,
  fault: FaultOf<Name>,
  request: FastifyRequest,
  locate: Locate,
) => Answer | undefined;

const HTML = '<!DOCTYPE html>\n<title>Service unavailable</title><h1>We will be back soon</h1>\n';

/** The faults of requests that are not carried out; with `afterEffect` they are, and are answered wrongly all the same. */
const INSTEAD: { readonly [Name in FaultName]?: Instead<Name> } = {
  hangUp: () => silence('reset'),
  noAnswer: () => silence('stall'),
  status: refusal,
  htmlPage: () => textAnswer(200, 'text/html', HTML),
  jsonError: () => errorAnswer(200, {}, 500),
  invalidJson: () => textAnswer(200, 'application/json', '{"archiveId": "a1", "status": AVAILABLE'),
  noEffect: (_fault, ids) => jsonAnswer(200, abandoned(ids)),
};

/** The faults of answers. */
const ALTERATIONS: { readonly [Name in FaultName]?: Alteration<Name> } = {
  slowHeaders: (answer, { ms }) => ({ ...answer, delayMs: ms }),
  reset: (answer, { after }) => bodies.cutShort(answer, after, 'reset'),
  stall: (answer, { after }) => bodies.cutShort(answer, after, 'stall'),
  truncate: bodies.truncate,
  drip: (answer, { bytesPerSecond }) => ({ ...answer, bytesPerSecond }),
  flipBit: bodies.flipBit,
  wrongLength: bodies.wrongLength,
  chunked: bodies.chunked,
  endless: bodies.endless,
  gzip: (answer) => ({ ...withHeaders(bodies.chunked(answer), { 'content-encoding': 'gzip' }), gzip: true }),
  hugeBody: bodies.hugeBody,
  ignoreRange: ofPart(bodies.wholeFile),
  wrongContentRange: ofPart(bodies.wrongContentRange),
  multipartRange: ofPart(bodies.multipartRange),
  rangeNotSatisfiable: ofFile(({ file }, { total = file.content.length }) =>
    errorAnswer(416, { 'content-range': `bytes */${total}` }),
  ),
  newETag: ofFile((answer, fault, { headers }) => bodies.newETag(answer, fault, headers)),
  weakETag: ofFile((answer) => withHeaders(answer, { etag: `W/${answer.headers['etag'] ?? '""'}` })),
  noETag: ofFile((answer) => withHeaders(answer, { etag: undefined })),
  redirect: ofFile((_answer, fault, _request, locate) => redirect(fault.statusCode, locate(fault))),
  recordFields: wrongRecord,
  noChecksum: wrongRecord,
  upperCaseChecksum: wrongRecord,
  wrongChecksum: wrongRecord,
  otherConference: wrongRecord,
  otherArchive: wrongRecord,
  partialList: wrongList,
  emptyList: wrongList,
  listWithoutConferences: wrongList,
  wrappedList: wrongList,
  pagedList: (answer, fault, { url }) => pagedList(answer, fault, url),
};

/** What a request gets that is not carried out; `undefined` if the fault is one of the answer that it would get. */
export function answerInstead(fault: Fault, archiveIds: readonly string[]): Answer | undefined {
  const isCarriedOut = 'afterEffect' in fault && fault.afterEffect;
  return isCarriedOut ? undefined : insteadOf(fault)?.(fault, archiveIds);
}

/**
 * The answer with the fault in it; `undefined` if it cannot have it. An answer that is an error already can be nothing but slow, so that
 * faults which are to strike a number of times do not wear themselves out before there is anything to spoil.
 */
export function alter(
  answer: Answer,
  fault: Fault,
  request: FastifyRequest,
  locate: Locate,
): Answer | undefined {
  if (answer.statusCode >= 300 && fault.fault !== 'slowHeaders') return undefined;
  const alteration = ALTERATIONS[fault.fault] as Alteration<FaultName> | undefined;
  return alteration ? alteration(answer, fault, request, locate) : insteadOf(fault)?.(fault, []);
}

function insteadOf({ fault }: Fault): Instead<FaultName> | undefined {
  return INSTEAD[fault] as Instead<FaultName> | undefined;
}

function abandoned(archiveIds: readonly string[]) {
  return archiveIds.map((archiveId) => ({ archiveId, status: 'ABANDONED' }));
}

function ofFile<Name extends FaultName>(alteration: Alteration<Name, FileAnswer>): Alteration<Name> {
  return ({ file, ...answer }, ...about) => file && alteration({ ...answer, file }, ...about);
}

function ofPart<Name extends FaultName>(alteration: Alteration<Name, FileAnswer>): Alteration<Name> {
  return ofFile((answer, ...about) => (answer.statusCode === 206 ? alteration(answer, ...about) : undefined));
}

function redirect(statusCode: number, location: string): Answer {
  return { statusCode, headers: { location, 'content-length': '0' }, body: inMemory(Buffer.alloc(0)) };
}
