import { z } from 'zod';
import { TOPICS } from '../domain/topics';
import { certificates, clientCertificate } from './certificates';
import { proxy, proxyOfEnvironment } from './proxy';
import { renewableSecret, type Source } from './secret';
import { cidr, isLoopback, webAddress } from './web-address';

/** The paths of the platform's endpoints, with their variables, from the published guide. */
export const ENDPOINTS = {
  record: '/communication/archives/archives/{archiveId}',
  download: '/communication/archives/archives/{archiveId}/download',
  abandon: '/communication/conferences/conferences/{conferenceId}/archive/abandon',
  list: '/communication/conferences/archives',
  register: '/communication/notificationssubscriptions/notificationssubscriptions/webhook',
  reports: '/communication/subscriptions/subscriptions/{subscriptionId}/reports',
  subscriptions: '/communication/subscriptions/subscriptions',
  subscription: '/communication/subscriptions/subscriptions/{subscriptionId}',
} as const;

export type EndpointName = keyof typeof ENDPOINTS;

const endpoints = z.strictObject(
  Object.fromEntries(
    Object.entries(ENDPOINTS).map(([name, path]) => [name, template(name, path).default(path)]),
  ) as Record<EndpointName, z.ZodDefault<z.ZodString>>,
);

function template(name: string, example: string) {
  // Other versions of the guide abandon an archive.
  const variables = [...variablesOf(example), ...(name === 'abandon' ? ['archiveId'] : [])];
  const held = variables.map((variable) => `{${variable}}`).join(' or ') || 'no variables';
  return z.string().refine((path) => isTemplate(path, variables), {
    error: `expected a path that starts with / and holds ${held}, such as \`${example}\``,
  });
}

function isTemplate(path: string, variables: readonly string[]): boolean {
  const used = variablesOf(path);
  const known = used.every((name) => variables.includes(name));
  const isPath = /^\/([^\s?#{}]|\{[^{}]*\})*$/.test(path);
  return isPath && known && (variables.length === 0 || used.length > 0);
}

function variablesOf(path: string): string[] {
  return [...path.matchAll(/\{([^}]*)\}/g)].map(([, name]) => name ?? '');
}

/** One tenant of the platform. A `baseUrl` may end with the prefix, and an endpoint begin with it: it is not sent twice. */
export function tenantSchema(source: Source) {
  const keys = z.strictObject({
    baseUrl: webAddress,
    apiPrefix: z
      .string()
      .regex(/^(\/[A-Za-z0-9._~-]+)*$/, { error: 'expected a path such as `/api/v2`, or nothing' })
      .default('/api/v2'),
    apiKey: apiKey(source),
    callbackSecrets: z.array(callbackSecret(source)).default([]),
    allowedSources: z.array(cidr).default([]),
    topic: z
      .enum(TOPICS, { error: `expected ${TOPICS.map((topic) => `\`${topic}\``).join(' or ')}` })
      .default(TOPICS[0]),
    endpoints: endpoints.prefault({}),
    proxy: proxy(source).optional(),
    ca: certificates(source).optional(),
    clientCertificate: clientCertificate(source).optional(),
  });
  return keys.transform(({ proxy: configured, ...written }, context) => {
    const tenant = {
      ...written,
      baseUrl: withoutEnd(written.baseUrl, written.apiPrefix),
      endpoints: withoutBeginning(written.endpoints, written.apiPrefix),
    };
    const isNear = isLoopback(new URL(tenant.baseUrl).hostname);
    const found = configured ?? (isNear ? undefined : proxyOfEnvironment(source));
    if (typeof found !== 'string') return { ...tenant, proxy: found };
    if (found !== 'none') context.addIssue({ code: 'custom', path: ['proxy'], message: found });
    return { ...tenant, proxy: undefined };
  });
}

function withoutEnd(address: string, end: string): string {
  const isDoubled = end !== '' && new URL(address).pathname.endsWith(end);
  return isDoubled ? address.slice(0, address.length - end.length) : address;
}

/** The guide's own paths stay, whatever the prefix is. */
function withoutBeginning(paths: Readonly<Record<EndpointName, string>>, prefix: string): typeof paths {
  const shortened = Object.entries(paths).map(([name, path]) => {
    const isDoubled = path.startsWith(`${prefix}/`) && path !== ENDPOINTS[name as EndpointName];
    return [name, isDoubled ? path.slice(prefix.length) : path];
  });
  return Object.fromEntries(shortened) as typeof paths;
}

/** The API key is sent as a header: a line break in it would make every request fail. */
function apiKey(source: Source) {
  return renewableSecret(
    source,
    /^[!-~]+$/,
    'expected visible ASCII characters only: no space, no line break',
  );
}

/** Twenty random letters and digits have about 119 bits: nobody can guess them. */
function callbackSecret(source: Source) {
  return renewableSecret(
    source,
    /^[A-Za-z0-9_-]{20,200}$/,
    'expected 20 to 200 letters, digits, `_` or `-`, such as `openssl rand -hex 32` gives',
  );
}
