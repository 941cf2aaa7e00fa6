import type { AddressInfo } from 'node:net';
import Fastify, { type FastifyInstance } from 'fastify';
import { answerErrors } from './error-answers';
import { meetFaults } from './platform-api/faults';
import { fileRoute } from './platform-api/file-route';
import { RequestLog } from './platform-api/request-log';
import type { Tenant } from './tenant';

/** A server of another origin that gives files without an API key, as an object storage does. It listens once a redirect leads there. */
export class ForeignOrigin {
  readonly #tenant: Tenant;
  readonly #host: string;
  #app: Promise<FastifyInstance> | undefined;

  constructor(tenant: Tenant, host: string) {
    this.#tenant = tenant;
    this.#host = host;
  }

  /** @param hostname by what name the client knows this host */
  async url(hostname: string): Promise<string> {
    this.#app ??= this.#listen();
    const { port } = (await this.#app).server.address() as AddressInfo;
    return `http://${hostname}:${port}`;
  }

  async close(): Promise<void> {
    await (await this.#app)?.close();
  }

  async #listen(): Promise<FastifyInstance> {
    const app = Fastify({ forceCloseConnections: true, exposeHeadRoutes: false });
    answerErrors(app);
    const log = new RequestLog(this.#tenant.journal, () => 'foreignFile');
    log.follow(app);
    meetFaults(app, this.#tenant, log, (hostname) => this.url(hostname));
    fileRoute(app, this.#tenant.files, log);
    await app.listen({ host: this.#host, port: 0 });
    return app;
  }
}
