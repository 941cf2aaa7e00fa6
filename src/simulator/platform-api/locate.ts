import type { FastifyRequest } from 'fastify';
import type { FaultOf } from '../faults/rules';
import type { Tenant } from '../tenant';
import { fileOf } from './download';
import { API_PREFIX } from './endpoints';
import { identifiersOf } from './request-log';

/** Gives the URL of another origin, which has the same name as this one and another port. */
export type ForeignUrl = (hostname: string) => Promise<string>;

/** No host has such a name (RFC 2606 §2). */
const NOWHERE = 'files.invalid';

/** Where the redirect of a download leads: what its header `Location` says. */
export async function locate(
  { to, expired }: FaultOf<'redirect'>,
  request: FastifyRequest,
  { archives, files }: Tenant,
  foreignUrl: ForeignUrl,
): Promise<string> {
  const file = fileOf(archives.get(identifiersOf(request).archiveId ?? ''));
  switch (to) {
    case 'sameOrigin':
      return `${API_PREFIX}${files.issue(file, expired)}`;
    case 'otherOrigin':
      return `${await foreignUrl(request.hostname)}${files.issue(file, expired)}`;
    case 'loop':
      return request.url;
    case 'foreignHttp':
      return `http://${NOWHERE}/${file.archiveId}.zip`;
    case 'otherScheme':
      return `ftp://${NOWHERE}/${file.archiveId}.zip`;
  }
}
