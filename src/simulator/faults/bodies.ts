import { concatenation, excerpt, flippedBit, keystream, type ByteSource } from '../content/bytes';
import { withHeaders, type Answer } from './answers';
import type { FaultOf } from './rules';

/** More than anybody waits for. */
const ENDLESS_BYTES = 2 ** 50;

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

export function gzip(answer: Answer): Answer {
  return { ...withHeaders(chunked(answer), { 'content-encoding': 'gzip' }), gzip: true };
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
