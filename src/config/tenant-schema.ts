import { z } from 'zod';
import { TOPICS } from '../domain/topics';
import { secret, type Source } from './source';
import { cidr, webAddress } from './web-address';

/** The platform's endpoints and the path variables each may hold. Defaults are those of the published guide. */
export const ENDPOINTS = {
  record: { path: '/communication/archives/archives/{archiveId}', variables: ['archiveId'] },
  download: { path: '/communication/archives/archives/{archiveId}/download', variables: ['archiveId'] },
  abandon: {
    path: '/communication/conferences/conferences/{conferenceId}/archive/abandon',
    variables: ['conferenceId', 'archiveId'],
  },
  list: { path: '/communication/conferences/archives', variables: [] },
  register: {
    path: '/communication/notificationssubscriptions/notificationssubscriptions/webhook',
    variables: [],
  },
  reports: {
    path: '/communication/subscriptions/subscriptions/{subscriptionId}/reports',
    variables: ['subscriptionId'],
  },
  subscriptions: { path: '/communication/subscriptions/subscriptions', variables: [] },
  subscription: {
    path: '/communication/subscriptions/subscriptions/{subscriptionId}',
    variables: ['subscriptionId'],
  },
} as const satisfies Record<string, { path: string; variables: readonly string[] }>;

export type EndpointName = keyof typeof ENDPOINTS;

const endpoints = z.strictObject(
  Object.fromEntries(
    Object.entries(ENDPOINTS).map(([name, { path, variables }]) => [
      name,
      template(path, variables).default(path),
    ]),
  ) as Record<EndpointName, z.ZodDefault<z.ZodString>>,
);

function template(example: string, variables: readonly string[]) {
  return z.string().refine((path) => isTemplate(path, variables), {
    error: `expected a path that starts with / and holds ${listOf(variables)}, such as \`${example}\``,
  });
}

function isTemplate(path: string, variables: readonly string[]): boolean {
  const used = [...path.matchAll(/\{([^}]*)\}/g)].map(([, name]) => name ?? '');
  const known = used.every((name) => variables.includes(name));
  const isPath = /^\/([^\s?#{}]|\{[^{}]*\})*$/.test(path);
  return isPath && known && (variables.length === 0 || used.length > 0);
}

function listOf(variables: readonly string[]): string {
  return variables.length === 0 ? 'no variables' : variables.map((name) => `{${name}}`).join(' or ');
}

/** One tenant of the platform. */
export function tenantSchema(source: Source) {
  return z.strictObject({
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
  });
}

/** It is sent as a header: a line break that came with it would make every request fail. */
function apiKey(source: Source) {
  return secret(source).refine((value) => /^[!-~]+$/.test(value.reveal()), {
    error: 'expected visible ASCII characters only: no space, no line break',
  });
}

/** Twenty characters are about 119 bits when drawn from letters and digits: not to be guessed. */
function callbackSecret(source: Source) {
  return secret(source).refine((value) => /^[A-Za-z0-9_-]{20,200}$/.test(value.reveal()), {
    error: 'expected 20 to 200 letters, digits, `_` or `-`, such as `openssl rand -hex 32` gives',
  });
}
