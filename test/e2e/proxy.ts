import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { Agent, request } from 'undici';

/** A request on its way to the platform. */
export interface Passing {
  readonly endpoint: 'record' | 'download' | 'abandon' | 'other';
  readonly method: string;
  readonly path: string;
  /** Of the archive; for an abandon, of the conference. */
  readonly id: string;
}

export interface Answer {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** What happens on the proxy; a test may change it at any time. */
export interface Rules {
  /** Before the platform sees a request. What it gives is the answer, in the platform's place. */
  onRequest?: ((passing: Passing) => Promise<Answer | undefined>) | undefined;
  /** Before an answer is seen. What it gives takes its place. Not for downloads. */
  onAnswer?: ((passing: Passing, answer: Answer) => Promise<Answer | undefined>) | undefined;
  /** Milliseconds between two pieces of a download, of 64 KiB and less. */
  slowness?: number | undefined;
}

/** The proxy between Archivist and a platform: what a test can watch, slow down, break and forge. */
export interface Proxy {
  readonly url: string;
  readonly rules: Rules;
  close(): Promise<void>;
}

export async function startProxy(platform: string, rules: Rules): Promise<Proxy> {
  const agent = new Agent();
  const server = createServer((incoming, response) => {
    // Whoever asked may be killed at any moment.
    pass(platform, agent, rules, incoming, response).catch(() => response.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    rules,
    async close() {
      server.closeAllConnections();
      server.close();
      await agent.destroy();
    },
  };
}

async function pass(
  platform: string,
  agent: Agent,
  rules: Rules,
  incoming: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const passing = passingOf(incoming);
  const forged = await rules.onRequest?.(passing);
  if (forged) {
    reply(response, forged);
    return;
  }
  const sent = await text(incoming);
  const { statusCode, headers, body } = await request(`${platform}${incoming.url ?? ''}`, {
    method: incoming.method as 'GET' | 'POST' | 'DELETE',
    headers: {
      'api-key': String(incoming.headers['api-key']),
      ...(sent !== '' && { 'content-type': String(incoming.headers['content-type']) }),
    },
    ...(sent !== '' && { body: sent }),
    dispatcher: agent,
  });
  if (passing.endpoint === 'download' && statusCode === 200) {
    response.writeHead(statusCode, flat(headers));
    await pipeline(body, (pieces: AsyncIterable<Buffer>) => paced(pieces, rules), response);
    return;
  }
  const answer = { statusCode, headers: flat(headers), body: await body.text() };
  reply(response, (await rules.onAnswer?.(passing, answer)) ?? answer);
}

function passingOf({ method = 'GET', url = '/' }: IncomingMessage): Passing {
  const [, id = '', verb] =
    /\/(?:archives\/archives|conferences\/conferences)\/([^/?]+)(?:\/(?:archive\/)?(download|abandon))?/.exec(
      url,
    ) ?? [];
  const endpoint =
    verb === 'download' || verb === 'abandon' ? verb : id === '' ? ('other' as const) : ('record' as const);
  return { endpoint, method, path: url, id };
}

async function* paced(pieces: AsyncIterable<Buffer>, rules: Rules): AsyncGenerator<Buffer> {
  for await (const piece of pieces) {
    if (rules.slowness !== undefined) await pause(rules.slowness);
    yield piece;
  }
}

function reply(response: ServerResponse, { statusCode, headers, body }: Answer): void {
  response.writeHead(statusCode, { ...headers, 'content-length': Buffer.byteLength(body) }).end(body);
}

/** What concerns the connection is not passed on (RFC 9110 §7.6.1). */
const OF_THE_CONNECTION = ['connection', 'keep-alive', 'transfer-encoding'];

function flat(headers: Readonly<Record<string, string | string[] | undefined>>): Record<string, string> {
  const entries = Object.entries(headers).filter(([name]) => !OF_THE_CONNECTION.includes(name));
  return Object.fromEntries(entries.map(([name, value]) => [name, String(value)]));
}
