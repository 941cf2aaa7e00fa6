import { resolve } from 'node:path';
import { z } from 'zod';
import { isTenantId, type TenantId } from '../domain/ids';
import { FARTHEST_DEADLINE_MS, SHORTEST_DEADLINE_MS } from '../domain/orders';
import { duration, read, size } from './quantities';
import { indirect, Secret, type Source } from './secret';
import { tenantSchema } from './tenant-schema';
import { cidr, webAddress } from './web-address';

const host = z.string().min(1, { error: 'expected a host name or address to listen on' });
const aPort = { error: 'expected a port from 0 to 65535' };
const port = z.int(aPort).min(0, aPort).max(65_535, aPort);

/** The schema of `archivist.yaml`; every key but `tenants` has a default. */
export function configSchema(source: Source) {
  return z.strictObject({
    tenants: tenants(source),
    gateway: z
      .strictObject({
        host: host.default('0.0.0.0'),
        port: port.default(8080),
        publicUrl: webAddress.optional(),
        trustedProxies: z.array(cidr).default([]),
        tls: z.strictObject({ cert: filePath(source), key: filePath(source) }).optional(),
        drain: duration.optional(),
      })
      .prefault({}),
    metrics: z.strictObject({ host: host.default('127.0.0.1'), port: port.default(9464) }).optional(),
    store: storeUrl(source).prefault('file:./data/archives'),
    ledger: ledgerUrl(source).prefault('embedded:./data/ledger'),
    claim: z
      .strictObject({
        deadline: duration
          .prefault('7 days')
          .refine((ms) => ms >= SHORTEST_DEADLINE_MS && ms <= FARTHEST_DEADLINE_MS, {
            error: 'expected a duration from `1 second` to `60 days`',
          }),
        poll: z
          .strictObject({ initial: duration.prefault('10 seconds'), max: duration.prefault('5 minutes') })
          .prefault({})
          .refine(({ initial, max }) => initial <= max, {
            error: 'expected `initial` to be no longer than `max`',
          }),
        requireChecksum: z.boolean().default(true),
        abandon: z.boolean().default(true),
        maxSize: size.prefault('1 TiB'),
      })
      .prefault({}),
    expiry: z
      .strictObject({ period: duration.prefault('3 days'), recheck: duration.prefault('2 days') })
      .prefault({})
      .refine(({ period, recheck }) => recheck < period, {
        error: 'expected `recheck` to be shorter than `period`',
      }),
    callbackRotation: z
      .strictObject({ every: duration, overlap: duration.prefault('1 hour') })
      .refine(({ every, overlap }) => overlap < every, {
        error: 'expected `overlap` to be shorter than `every`',
      })
      .optional(),
    reconcile: repeated('5 minutes'),
    sweep: repeated('5 minutes'),
  });
}

/** A schedule's interval; Temporal's schedules allow no interval below a second. */
function repeated(usually: string) {
  return z
    .strictObject({
      every: duration
        .refine((every) => every >= 1_000, { error: 'expected at least 1 second' })
        .prefault(usually),
    })
    .prefault({});
}

function filePath({ folder }: Source) {
  return z
    .string()
    .min(1, { error: 'expected the path of a file' })
    .transform((path) => resolve(folder, path));
}

function tenants(source: Source) {
  return z
    .record(z.string(), tenantSchema(source), { error: 'expected at least one tenant, by name' })
    .superRefine((byName, context) => {
      const names = Object.keys(byName);
      if (names.length === 0)
        context.addIssue({ code: 'custom', message: 'expected at least one tenant, by name' });
      for (const name of names.filter((candidate) => !isTenantId(candidate))) {
        const message = 'expected a name of 1 to 63 letters, digits, `_` or `-`, the first a letter or digit';
        context.addIssue({ code: 'custom', path: [name], message });
      }
      const secrets = Object.values(byName).flatMap(({ callbackSecrets }) =>
        callbackSecrets.map((secret) => secret.reveal()),
      );
      if (new Set(secrets).size < secrets.length) {
        context.addIssue({
          code: 'custom',
          message: 'the same callback secret is given twice; expected one of its own for each',
        });
      }
    })
    .transform(
      (byName) => new Map(Object.entries(byName).map(([name, tenant]) => [name as TenantId, tenant])),
    );
}

function storeUrl({ folder }: Source) {
  return read((text) => {
    const path = pathOf('file:', text);
    return path === undefined ? undefined : `file:${resolve(folder, path)}`;
  }, 'expected `file:DIRECTORY`');
}

/** The ledger's URL may contain a password, so it is a secret, and may be given indirectly. */
function ledgerUrl(source: Source) {
  const parse = (text: string) => {
    const path = pathOf('embedded:', text);
    if (path !== undefined) return { kind: 'embedded' as const, directory: resolve(source.folder, path) };
    return /^postgres(ql)?:\/\//.test(text) && URL.canParse(text)
      ? { kind: 'postgres' as const, url: new Secret(text) }
      : undefined;
  };
  return indirect(source)
    .refine((text) => !SEVERAL_HOSTS.test(text), {
      error:
        'names several hosts; expected one address, such as a virtual address or that of a pooler, which leads to the primary',
    })
    .refine((text) => !UNESCAPED.test(text), {
      error: 'has `?` or `#` before its `@`; expected them as `%3F` and `%23` in a password',
    })
    .pipe(read(parse, 'expected `postgres://…` or `embedded:DIRECTORY`'));
}

/** What follows it would be taken for a query or a fragment, and a part of the password for the port. */
const UNESCAPED = /^postgres(ql)?:\/\/[^/@]*[?#][^/]*@/i;

/** As libpq takes them, and the driver does not: after the password, or as parameters. */
const SEVERAL_HOSTS =
  /^postgres(ql)?:\/\/([^/?#]*,[^/?#@]*([/?#]|$)|[^?#]*\?([^#]*&)?(host|hostaddr|port)=[^&#]*(,|%2c))/i;

function pathOf(scheme: string, text: string): string | undefined {
  if (!text.startsWith(scheme)) return undefined;
  const path = text.slice(scheme.length).replace(/^\/\/(?=\/)/, '');
  return path === '' || path.startsWith('//') ? undefined : path;
}
