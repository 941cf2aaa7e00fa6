import type { FaultRule } from '../../../src/simulator';
import type { Random } from './random';

type Draft = (random: Random) => FaultRule;

/** How likely a request meets a fault of a rule, where the rule does not say it. */
const LEAST = 0.1;
const MOST = 0.5;

/** The platform misbehaves in some of all ways during a trial, and in others during the next. */
export function planFaults(random: Random): readonly FaultRule[] {
  return Array.from({ length: random.whole(10, 18) }, () => {
    const draft = random.pick(random.pick(KINDS));
    return { probability: random.between(LEAST, MOST), times: random.whole(1, 8), ...draft(random) };
  });
}

/** Of any request. */
const REFUSALS: readonly [Draft, ...Draft[]] = [
  (random) => ({ fault: 'hangUp', endpoint: asked(random) }),
  (random) => ({ fault: 'noAnswer', endpoint: asked(random), times: 2 }),
  (random) => ({ fault: 'slowHeaders', endpoint: asked(random), ms: random.whole(100, 5_000) }),
  (random) => ({ fault: 'htmlPage', endpoint: asked(random) }),
  (random) => ({ fault: 'jsonError', endpoint: asked(random) }),
  (random) => ({
    fault: 'status',
    endpoint: asked(random),
    statusCode: random.pick([500, 502, 503, 404, 409]),
  }),
  (random) => ({ fault: 'status', endpoint: asked(random), statusCode: 429, retryAfter: random.whole(0, 3) }),
  (random) => ({
    fault: 'status',
    endpoint: asked(random),
    statusCode: 503,
    retryAfter: random.whole(1, 3),
    retryAfterForm: 'date',
  }),
  // The key is tried again after a minute only.
  (random) => ({ fault: 'status', endpoint: asked(random), statusCode: random.pick([401, 403]), times: 1 }),
];

const RECORDS: readonly [Draft, ...Draft[]] = [
  () => ({ fault: 'invalidJson' }),
  () => ({ fault: 'hugeBody' }),
  () => ({ fault: 'upperCaseChecksum' }),
  () => ({ fault: 'recordFields', fields: { status: 'PACKING' } }),
  () => ({ fault: 'recordFields', fields: { status: 'SOMETHING_NEW' } }),
  // These ask for a person, who has it looked at again.
  () => ({ fault: 'recordFields', fields: { status: 'FAILED' }, times: 1 }),
  () => ({ fault: 'noChecksum', times: 1 }),
  () => ({ fault: 'wrongChecksum', times: 1 }),
  () => ({ fault: 'otherArchive', times: 1 }),
];

const BODIES: readonly [Draft, ...Draft[]] = [
  (random) => ({ fault: 'reset', after: random.share() }),
  (random) => ({ fault: 'truncate', after: random.share() }),
  (random) => ({ fault: 'truncate', after: random.share(), contentLength: false }),
  (random) => ({ fault: 'stall', after: random.share() }),
  (random) => ({ fault: 'drip', bytesPerSecond: random.magnitude(200_000, 8_000_000) }),
  (random) => ({ fault: 'flipBit', after: random.share() }),
  (random) => ({ fault: 'wrongLength', by: random.pick([-1, 1, 100_000]) }),
  () => ({ fault: 'chunked' }),
  () => ({ fault: 'gzip' }),
  // It asks for a person once it is beyond `claim.maxSize`.
  () => ({ fault: 'endless', times: 1 }),
  (random) => ({
    fault: 'redirect',
    to: random.pick(['sameOrigin', 'otherOrigin', 'loop', 'foreignHttp', 'otherScheme']),
    expired: random.chance(0.3),
  }),
];

const PARTS: readonly [Draft, ...Draft[]] = [
  () => ({ fault: 'ignoreRange' }),
  (random) => ({
    fault: 'wrongContentRange',
    wrong: random.pick(['start', 'end', 'total', 'unit', 'missing']),
  }),
  () => ({ fault: 'multipartRange' }),
  () => ({ fault: 'rangeNotSatisfiable' }),
  (random) => ({ fault: 'newETag', otherBytes: random.chance(0.5), ignoreIfRange: random.chance(0.3) }),
  () => ({ fault: 'weakETag' }),
  () => ({ fault: 'noETag' }),
];

const ABANDONS: readonly [Draft, ...Draft[]] = [
  () => ({ fault: 'noEffect' }),
  () => ({ fault: 'hangUp', endpoint: 'abandon', afterEffect: true }),
  () => ({ fault: 'noAnswer', endpoint: 'abandon', afterEffect: true, times: 2 }),
  () => ({ fault: 'status', endpoint: 'abandon', statusCode: 500, afterEffect: true }),
];

/** A list that leaves out one archive and nothing else is not among them: nobody could notice. */
const LISTS: readonly [Draft, ...Draft[]] = [
  () => ({ fault: 'emptyList' }),
  () => ({ fault: 'wrappedList' }),
  () => ({ fault: 'listWithoutConferences' }),
  (random) => ({ fault: 'truncate', endpoint: 'list', after: random.share() }),
  (random) => ({ fault: 'reset', endpoint: 'list', after: random.share() }),
];

const KINDS = [REFUSALS, RECORDS, BODIES, BODIES, PARTS, ABANDONS, LISTS] as const;

function asked(random: Random): 'record' | 'download' | 'abandon' | 'list' {
  return random.pick(['record', 'download', 'abandon', 'list']);
}
