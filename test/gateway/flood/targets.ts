import * as fc from 'fast-check';
import { SECRET } from '../gateway';
import { CANARY, parts, type Part } from './parts';

/** Of a tenant whose notifications come from 192.0.2.0/24 only. */
export const STRICT_SECRET = 'secret-of-a-strict-tenant';

/** What stands behind the method: paths that are ours, that almost are, and others. */
export interface Target extends Part {
  readonly tenant: 'mycompany' | 'strict';
}

const elsewhere = parts('refused', [
  ...[
    '/',
    '*',
    '/admin',
    '/livez',
    '/readyz',
    '/metrics',
    `/${CANARY}`,
    `/${CANARY}?${SECRET}`,
    `/%c0%ae/${CANARY}`,
  ],
  ...[
    '/callbacks/flexperto',
    '/callbacks/flexperto/',
    `/callbacks/flexperto/${CANARY}`,
    '/callbacks/flexperto/__proto__',
  ],
  ...[`/callbacks/flexperto/${CANARY.repeat(30)}`, `/callbacks/flexperto/${'x'.repeat(20_000)}`, SECRET],
]).map((part): Target => ({ ...part, tenant: 'mycompany' }));

const known = targetsOf('mycompany', SECRET);
const strict = targetsOf('strict', STRICT_SECRET);
export const targets: fc.Arbitrary<Target> = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(...known.slice(0, 4)) },
  { weight: 3, arbitrary: fc.constantFrom(...strict.slice(0, 4)) },
  { weight: 2, arbitrary: fc.constantFrom(...known, ...strict) },
  { weight: 2, arbitrary: fc.constantFrom(...elsewhere) },
);

function targetsOf(tenant: Target['tenant'], secret: string): readonly Target[] {
  const path = `/callbacks/flexperto/${secret}`;
  const inOtherWords = `/callbacks/flexperto/%${secret.charCodeAt(0).toString(16)}${secret.slice(1)}`;
  return [
    ...parts('accepted', [path, `${path}?${CANARY}`, `${path}?__proto__=${CANARY}&secret=x`, inOtherWords]),
    ...parts('accepted', [`${path}/`]),
    ...parts('refused', [path.slice(0, -1), `${path}//`, `${path}/..`, `${path}%00`, `${path}${CANARY}`]),
    ...parts('refused', [
      `${path}%zz${CANARY}`,
      path.toUpperCase(),
      `${path}\\`,
      `${path};${CANARY}`,
      `${path}%2f`,
    ]),
    ...parts('any', [`http://${CANARY}${path}`, `/${path}`, `/x/..${path}`, `${path}#${CANARY}`, `${path} `]),
  ].map((part) => ({ ...part, tenant }));
}
