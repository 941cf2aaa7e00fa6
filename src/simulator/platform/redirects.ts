import type { AddressInfo } from 'node:net';
import Fastify, { type FastifyInstance, type FastifyRequest } from 'fastify';
import type { FaultOf } from '../faults/rules';
import { answerErrors } from '../refusal';
import type { Tenant } from '../tenant';
import { API_PREFIX } from './endpoints';
import { fileOf } from './files';
import { meetFaults } from './meet-faults';
import { identifiersOf } from './request-log';

/**
 * Where redirects of downloads lead. One of them is a server of another origin that gives files without an API key, as an
 * object storage does; it listens once a redirect leads there.
 */
export class Redirects {
  #app: Promise<FastifyInstance> | undefined;

  constructor(
    private readonly tenant: Tenant,
    private readonly host: string,
  ) {}

  async locate({ to, expired }: FaultOf<'redirect'>, request: FastifyRequest): Promise<string> {
    const { archives, files } = this.tenant;
    const file = fileOf(archives.get(identifiersOf(request).archiveId ?? ''));
    switch (to) {
      case 'sameOrigin':
        return `${API_PREFIX}${files.issue(file, expired)}`;
      case 'otherOrigin':
        return `${await this.#otherOrigin(request.hostname)}${files.issue(file, expired)}`;
      case 'loop':
        return request.url;
      // No host has a name under "invalid" (RFC 2606 §2).
      case 'foreignHttp':
        return `http://files.invalid/${file.archiveId}.zip`;
      case 'otherScheme':
        return `ftp://files.invalid/${file.archiveId}.zip`;
    }
  }

  async close(): Promise<void> {
    await (await this.#app)?.close();
  }

  /** @param hostname by what name the client knows this host */
  async #otherOrigin(hostname: string): Promise<string> {
    this.#app ??= this.#listen();
    const { port } = (await this.#app).server.address() as AddressInfo;
    return `http://${hostname}:${port}`;
  }

  async #listen(): Promise<FastifyInstance> {
    const app = Fastify({ forceCloseConnections: true, exposeHeadRoutes: false });
    answerErrors(app);
    this.tenant.requests.follow(app);
    meetFaults(app, this.tenant, (redirect, request) => this.locate(redirect, request));
    this.tenant.files.route(app, 'foreignFile');
    await app.listen({ host: this.host, port: 0 });
    return app;
  }
}
