import { z } from 'zod';
import { isArchiveId } from '../../domain/ids';
import { ENDPOINT_NAMES } from '../platform/endpoints';

export const archiveId = z.string().refine(isArchiveId, 'must be 1 to 128 letters, digits, ".", "_" or "-"');

/** When a rule strikes, whatever its fault. */
const conditions = {
  archiveId: archiveId.exactOptional(),
  times: z.int().min(1).exactOptional(),
  probability: z.number().min(0).max(1).default(1),
};

const anyEndpoint = { endpoint: z.enum(ENDPOINT_NAMES).exactOptional() };
const downloadOrOther = { endpoint: z.enum(ENDPOINT_NAMES).default('download') };
const recordOrOther = { endpoint: z.enum(ENDPOINT_NAMES).default('record') };
const filesOnly = { endpoint: z.enum(['download', 'file', 'foreignFile']).default('download') };
const recordOnly = { endpoint: z.literal('record').default('record') };
const listOnly = { endpoint: z.literal('list').default('list') };

const flag = z.boolean().default(false);
const count = z.int().min(1);

/** A place in the body of one answer: bytes, or, below 1, a share of it. */
const after = z
  .number()
  .min(0)
  .refine((place) => place < 1 || Number.isInteger(place), 'must be whole bytes, or a share below 1')
  .default(0.5);

/** With `afterEffect`, the request is carried out before it is answered wrongly. */
const status = {
  ...anyEndpoint,
  statusCode: z.int().min(400).max(599),
  retryAfter: z.int().min(0).exactOptional(),
  retryAfterForm: z.enum(['seconds', 'date']).default('seconds'),
  afterEffect: flag,
};
const redirect = {
  endpoint: z.literal('download').default('download'),
  to: z.enum(['sameOrigin', 'otherOrigin', 'loop', 'foreignHttp', 'otherScheme']),
  statusCode: z.literal([301, 302, 303, 307, 308]).default(302),
  expired: flag,
};
const wrongPart = z.enum(['start', 'end', 'total', 'unit', 'missing']).default('start');
const partialList = {
  ...listOnly,
  keep: z.number().min(0).max(1).default(0.5),
  omit: z.array(archiveId).exactOptional(),
};
const nextPage = z.enum(['link', 'next', 'links', 'cursor', 'total', 'none', 'itself', 'otherOrigin']);

/** One fault, and when it strikes. Every fault and parameter is explained in `docs/simulator.md`. */
export const faultRule = z.discriminatedUnion('fault', [
  rule('hangUp', { ...anyEndpoint, afterEffect: flag }),
  rule('noAnswer', { ...anyEndpoint, afterEffect: flag }),
  rule('slowHeaders', { ...anyEndpoint, ms: z.int().min(0).max(3_600_000).default(1000) }),
  rule('status', status),
  rule('htmlPage', downloadOrOther),
  rule('jsonError', downloadOrOther),
  rule('invalidJson', recordOrOther),
  rule('reset', { ...downloadOrOther, after }),
  rule('truncate', { ...downloadOrOther, after, contentLength: z.boolean().default(true) }),
  rule('stall', { ...downloadOrOther, after }),
  rule('drip', { ...downloadOrOther, bytesPerSecond: count }),
  rule('flipBit', { ...downloadOrOther, after }),
  rule('wrongLength', { ...downloadOrOther, by: z.int().refine((by) => by !== 0, 'must not be 0') }),
  rule('chunked', downloadOrOther),
  rule('endless', downloadOrOther),
  rule('gzip', downloadOrOther),
  rule('hugeBody', { ...recordOrOther, bytes: count.default(32 * 1024 * 1024) }),
  rule('ignoreRange', filesOnly),
  rule('wrongContentRange', { ...filesOnly, wrong: wrongPart }),
  rule('multipartRange', filesOnly),
  rule('rangeNotSatisfiable', { ...filesOnly, total: z.int().min(0).exactOptional() }),
  rule('newETag', { ...filesOnly, otherBytes: flag, ignoreIfRange: flag }),
  rule('weakETag', filesOnly),
  rule('noETag', filesOnly),
  rule('redirect', redirect),
  rule('recordFields', { ...recordOnly, fields: z.record(z.string(), z.unknown()) }),
  rule('noChecksum', recordOnly),
  rule('upperCaseChecksum', recordOnly),
  rule('wrongChecksum', recordOnly),
  rule('otherConference', recordOnly),
  rule('otherArchive', recordOnly),
  rule('partialList', partialList),
  rule('emptyList', listOnly),
  rule('listWithoutConferences', listOnly),
  rule('wrappedList', { ...listOnly, key: z.string().min(1).default('archives') }),
  rule('pagedList', { ...listOnly, size: count.default(2), next: nextPage.default('link'), samePage: flag }),
  rule('noEffect', { endpoint: z.literal('abandon').default('abandon') }),
]);

/** A rule as it is written: what has a default may be left out. */
export type FaultRule = z.input<typeof faultRule>;

export type Fault = z.output<typeof faultRule>;

export type FaultName = Fault['fault'];

export type FaultOf<Name extends FaultName> = Extract<Fault, { fault: Name }>;

function rule<const Name extends string, Shape extends z.ZodRawShape>(fault: Name, shape: Shape) {
  return z.strictObject({ fault: z.literal(fault), ...conditions, ...shape });
}
