import { randomBytes } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { concatenation, excerpt, flippedBit, inMemory, keystream, type ByteSource } from '../content/bytes';
import { contentRange, ifRangeHolds, requestedRange } from '../content/ranges';
import { fileAnswer, withHeaders, type Answer, type FileAnswer } from './answers';
import type { FaultOf } from './rules';

/** More than anybody waits for. */
const ENDLESS_BYTES = 2 ** 50;
const BOUNDARY = 'THE_PART';

/** The beginning of the body, and then what is not its end. */
export function cutShort(answer: Answer, after: number, ending: NonNullable<Answer['ending']>): Answer {
  return { ...answer, body: excerpt(answer.body, 0, placeIn(answer.body, after)), ending };
}

export function truncate(answer: Answer, { after, contentLength }: FaultOf<'truncate'>): Answer {
  const cut = cutShort(answer, after, 'close');
  return contentLength ? cut : chunked(cut);
}

export function flipBit(answer: Answer, { after }: FaultOf<'flipBit'>): Answer | undefined {
  const { body } = answer;
  if (body.length === 0) return undefined;
  return { ...answer, body: flippedBit(body, Math.min(placeIn(body, after), body.length - 1)) };
}

/** The connection is closed behind the body: what is missing never comes, what is too much is not taken for the next answer. */
export function wrongLength(answer: Answer, { by }: FaultOf<'wrongLength'>): Answer {
  const announced = Math.max(0, answer.body.length + by);
  return { ...withHeaders(answer, { 'content-length': String(announced) }), ending: 'close' };
}

export function chunked(answer: Answer): Answer {
  return withHeaders(answer, { 'content-length': undefined });
}

export function endless(answer: Answer): Answer {
  return { ...chunked(answer), body: concatenation(answer.body, keystream('endless', ENDLESS_BYTES)) };
}

/** Spaces behind the body, which change nothing in JSON. */
export function hugeBody(answer: Answer, { bytes }: FaultOf<'hugeBody'>): Answer {
  const length = Math.max(0, bytes - answer.body.length);
  const padding: ByteSource = { length, read: (_offset, wanted) => Buffer.alloc(wanted, ' ') };
  const body = concatenation(answer.body, padding);
  return { ...withHeaders(answer, { 'content-length': String(body.length) }), body };
}

/** Bytes, or, below 1, a share of the body. */
function placeIn({ length }: ByteSource, after: number): number {
  return after < 1 ? Math.floor(after * length) : Math.min(after, length);
}

/** The whole file, as if no range had been asked for. */
export function wholeFile({ file, headers }: FileAnswer): FileAnswer {
  return fileAnswer(file.content, 'whole', headers);
}

export function wrongContentRange(answer: FileAnswer, { wrong }: FaultOf<'wrongContentRange'>): Answer {
  const { start, end, content } = answer.file;
  const size = content.length;
  const wrongRanges = {
    start: contentRange({ start: start + 1, end }, size),
    end: contentRange({ start, end: end - 1 }, size),
    total: contentRange({ start, end }, size + 1),
    unit: contentRange({ start, end }, size).replace('bytes', 'items'),
    missing: undefined,
  };
  return withHeaders(answer, { 'content-range': wrongRanges[wrong] });
}

/** One range in the form that is meant for several (RFC 9110 §14.6). */
export function multipartRange(answer: FileAnswer): Answer {
  const { file, headers } = answer;
  const type = `Content-Type: ${headers['content-type'] ?? ''}`;
  const range = `Content-Range: ${contentRange(file, file.content.length)}`;
  const head = inMemory(Buffer.from(`--${BOUNDARY}\r\n${type}\r\n${range}\r\n\r\n`));
  const body = concatenation(head, answer.body, inMemory(Buffer.from(`\r\n--${BOUNDARY}--\r\n`)));
  const changed = {
    'content-type': `multipart/byteranges; boundary=${BOUNDARY}`,
    'content-range': undefined,
    'content-length': String(body.length),
  };
  return { ...withHeaders(answer, changed), body };
}

/**
 * The file as if it had just been made anew. Its ETag is none that a client can know, so that `If-Range` gives the whole file, unless the
 * server is to give the range in spite of it.
 */
export function newETag(
  answer: FileAnswer,
  { otherBytes, ignoreIfRange }: FaultOf<'newETag'>,
  { range, 'if-range': ifRange }: IncomingHttpHeaders,
): Answer {
  const etag = `"${randomBytes(16).toString('hex')}"`;
  const { length } = answer.file.content;
  const content = otherBytes ? keystream(etag, length) : answer.file.content;
  const givesRange = ignoreIfRange || ifRangeHolds(ifRange, etag);
  const asked = givesRange ? requestedRange(range, length) : 'whole';
  return fileAnswer(content, typeof asked === 'object' ? asked : 'whole', { ...answer.headers, etag });
}
