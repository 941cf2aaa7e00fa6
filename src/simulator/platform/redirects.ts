import type { FastifyRequest } from 'fastify';
import type { FaultOf } from '../faults/rules';
import type { Tenant } from '../tenant';
import { API_PREFIX } from './endpoints';
import { fileOf } from './files';
import { identifiersOf } from './request-log';

/** Where the redirect of a download leads: what its header `Location` says. @throws Refusal if there is no file */
export function locate(
  { archives, files, otherPort }: Tenant,
  { to, expired }: FaultOf<'redirect'>,
  request: FastifyRequest,
): string {
  const file = fileOf(archives.get(identifiersOf(request).archiveId ?? ''));
  switch (to) {
    case 'sameOrigin':
      return `${API_PREFIX}${files.issue(file, expired)}`;
    case 'otherOrigin':
      // By the name that the client knows this host by.
      return `http://${request.hostname}:${otherPort}${files.issue(file, expired)}`;
    case 'loop':
      return request.url;
    // No host has a name under "invalid" (RFC 2606 §2).
    case 'foreignHttp':
      return `http://files.invalid/${file.archiveId}.zip`;
    case 'otherScheme':
      return `ftp://files.invalid/${file.archiveId}.zip`;
  }
}
