declare module 'fastify' {
  interface FastifyContextConfig {
    /** The endpoint that a route serves. */
    readonly endpoint?: EndpointName;
  }
}

/** The prefix of the guide's examples. */
export const API_PREFIX = '/api/v2';

interface Endpoint {
  readonly method: 'GET' | 'POST' | 'DELETE';
  readonly paths: readonly string[];
}

const ARCHIVE = '/communication/archives/archives/:archiveId';
/** Where redirects lead, on whatever server. */
export const FILE_PATH = '/files/:archiveId';
const SUBSCRIPTIONS = '/communication/subscriptions/subscriptions';

/**
 * Every endpoint with all the paths that versions of the guide give it, relative to the prefix. The last two are where a
 * redirect of a download leads.
 */
export const ENDPOINTS = {
  list: {
    method: 'GET',
    paths: ['/communication/conferences/archives', '/communication/archives/archives'],
  },
  record: { method: 'GET', paths: [ARCHIVE] },
  download: { method: 'GET', paths: [`${ARCHIVE}/download`] },
  abandon: {
    method: 'POST',
    paths: ['/communication/conferences/conferences/:conferenceId/archive/abandon', `${ARCHIVE}/abandon`],
  },
  register: {
    method: 'POST',
    paths: [
      '/communication/notificationssubscriptions/notificationssubscriptions/webhook',
      `${SUBSCRIPTIONS}/webhook`,
    ],
  },
  reports: { method: 'GET', paths: [`${SUBSCRIPTIONS}/:subscriptionId/reports`] },
  subscriptions: { method: 'GET', paths: [SUBSCRIPTIONS] },
  unsubscribe: { method: 'DELETE', paths: [`${SUBSCRIPTIONS}/:subscriptionId`] },
  file: { method: 'GET', paths: [FILE_PATH] },
  // Of another server: see `giveFiles`.
  foreignFile: { method: 'GET', paths: [] },
} satisfies Readonly<Record<string, Endpoint>>;

export type EndpointName = keyof typeof ENDPOINTS;
export const ENDPOINT_NAMES = Object.keys(ENDPOINTS) as [EndpointName, ...EndpointName[]];
