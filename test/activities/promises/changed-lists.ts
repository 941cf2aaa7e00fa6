import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What a platform answers for its list: its text, and headers and status that are not the usual ones. */
export interface ListAnswer {
  readonly text: string;
  readonly statusCode?: number;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Stands before the platform and changes what it answers for its list; everything else goes through as it is. */
export class ChangedLists {
  /** The list as it is, unless a test says otherwise. */
  change: (list: readonly Record<string, unknown>[]) => ListAnswer = (list) => ({
    text: JSON.stringify(list),
  });
  #server: Server | undefined;

  /** @returns the address under which the changed platform answers */
  async open(platformUrl: string): Promise<string> {
    this.#server = createServer((request, response) => {
      void this.#pass(platformUrl, request, response);
    }).listen(0, '127.0.0.1');
    await new Promise((resolve) => this.#server?.once('listening', resolve));
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    this.#server?.closeAllConnections();
    await new Promise((resolve) => this.#server?.close(resolve));
  }

  async #pass(platformUrl: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const headers = { 'api-key': String(request.headers['api-key']) };
    const answer = await fetch(`${platformUrl}${request.url}`, { method: request.method ?? 'GET', headers });
    let body = Buffer.from(await answer.arrayBuffer());
    let [statusCode, more]: [number, ListAnswer['headers']] = [answer.status, {}];
    if (request.url?.endsWith('/conferences/archives') === true && answer.ok) {
      const changed = this.change(JSON.parse(body.toString()) as Record<string, unknown>[]);
      body = Buffer.from(changed.text);
      statusCode = changed.statusCode ?? statusCode;
      more = changed.headers;
    }
    const type = answer.headers.get('content-type') ?? 'application/octet-stream';
    response.writeHead(statusCode, { 'content-type': type, 'content-length': body.length, ...more });
    response.end(body);
  }
}
