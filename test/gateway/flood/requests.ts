import * as fc from 'fast-check';
import { SECRET } from '../gateway';
import { bodies, type Body } from './bodies';
import { CANARY, parts, type Outcome, type Part } from './parts';
import { targets, type Target } from './targets';

/** A request as it is sent: what stands for something in its texts is replaced then. */
export interface GeneratedRequest {
  readonly method: Part;
  readonly target: Target;
  readonly type: Part;
  readonly forwarded: Part;
  readonly headers: readonly Part[];
  readonly body: Body;
  readonly isChunked: boolean;
  /** Whether it is about an archive of its own, or about one of a few that come again and again. */
  readonly isNew: boolean;
}

/** Over everything, whose worst part decides. @param isTrusted whether X-Forwarded-For counts */
export function outcomeOf(request: GeneratedRequest, isTrusted: boolean): Outcome {
  const { method, target, type, forwarded, headers, body } = request;
  const source = target.tenant === 'mycompany' ? 'accepted' : isTrusted ? forwarded.outcome : 'refused';
  const outcomes = [method, target, type, ...headers, body].map((part) => part.outcome).concat(source);
  const worst = (['refused', 'any', 'ignored'] as const).find((outcome) => outcomes.includes(outcome));
  return worst ?? 'accepted';
}

const methods = fc.oneof(
  { weight: 8, arbitrary: fc.constant<Part>({ text: 'POST', outcome: 'accepted' }) },
  fc.constantFrom(
    ...parts('refused', [
      'GET',
      'HEAD',
      'PUT',
      'PATCH',
      'DELETE',
      'OPTIONS',
      'TRACE',
      'PROPFIND',
      'QUERY',
      'M-SEARCH',
    ]),
    ...parts('refused', ['PRI', 'FOO', 'post', CANARY, 'POST\t', '']),
  ),
);

const types = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.constantFrom(...parts('accepted', ['application/json', 'application/json; charset=utf-8'])),
  },
  fc.constantFrom(
    ...parts('any', [
      '',
      'Application/JSON',
      'application/json;charset=latin1',
      `application/json; x=${CANARY}`,
    ]),
    ...parts('refused', [
      'text/plain',
      'application/jsonx',
      'multipart/form-data; boundary=x',
      CANARY,
      '@',
      '*/*',
    ]),
  ),
);

/** X-Forwarded-For as a proxy in between writes it: the last address is the one that it saw. */
const forwardings = fc.constantFrom(
  ...parts('accepted', [
    '192.0.2.7',
    `${CANARY}, 192.0.2.7`,
    '203.0.113.9, 192.0.2.7',
    '::ffff:192.0.2.7',
    '192.0.2.255',
  ]),
  ...parts('refused', [
    '',
    '192.0.2.7, 203.0.113.9',
    '192.0.2.7,unknown',
    '192.0.2.7:80',
    '192.0.3.0',
    `192.0.2.7 ${CANARY}`,
  ]),
  ...parts('refused', [
    CANARY,
    ',',
    '127.0.0.1',
    '::1',
    '192.0.2.7, 127.0.0.1, 10.0.0.1',
    '2001:db8::1',
    '0xC0000207',
  ]),
  ...parts('refused', [
    `${'192.0.2.7, '.repeat(200)}203.0.113.9`,
    '192.0.2.07',
    '3221225991',
    '192.0.2.7%eth0',
  ]),
);

const headers = fc.array(
  fc.constantFrom(
    ...parts('accepted', [
      `user-agent: ${CANARY}`,
      `x-${CANARY}: ${CANARY}`,
      `cookie: ${CANARY}`,
      `request-id: ${CANARY}`,
    ]),
    ...parts('accepted', [
      'forwarded: for=192.0.2.7',
      'x-real-ip: 192.0.2.7',
      `x-forwarded-host: ${CANARY}`,
      `referer: ${SECRET}`,
    ]),
    ...parts('accepted', [
      '__proto__: x',
      'constructor: x',
      `expect: ${CANARY}`,
      'expect: 100-continue',
      'accept: */*;q=0',
    ]),
    ...parts('accepted', [
      `x-http-method-override: DELETE`,
      `x-odd: \u0080\u00ff`,
      `authorization: Bearer ${CANARY}`,
    ]),
    ...parts('any', [
      `content-encoding: ${CANARY}`,
      'upgrade: websocket',
      `host: ${CANARY}`,
      `x-forwarded-proto: ${CANARY}`,
    ]),
    ...parts('refused', [
      `x-bad: \u0001${CANARY}`,
      `${CANARY} : x`,
      `x: ${'x'.repeat(17_000)}`,
      `(${CANARY}): x`,
      CANARY,
    ]),
  ),
  { maxLength: 2 },
);

export const requests: fc.Arbitrary<GeneratedRequest> = fc.record({
  method: methods,
  target: targets,
  type: types,
  forwarded: forwardings,
  headers,
  body: bodies,
  isChunked: fc.boolean(),
  isNew: fc.boolean(),
});
