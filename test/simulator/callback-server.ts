import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

interface Received {
  readonly at: number;
  readonly headers: IncomingMessage['headers'];
  readonly payload: {
    readonly data: {
      readonly archive_id: string;
      readonly archive_subject: { readonly conference_id: string; readonly meta: Record<string, unknown> };
    };
    readonly meta: Record<string, unknown>;
  };
}

export interface CallbackServer {
  readonly url: string;
  readonly received: Received[];
  close(): Promise<void>;
}

/** A callback that keeps what it is sent and answers as `answer` says; `number` counts the requests from 1. */
export async function startCallbackServer(
  answer: (response: ServerResponse, number: number) => void = (response) => response.writeHead(202).end(),
): Promise<CallbackServer> {
  const received: Received[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const payload = JSON.parse(Buffer.concat(chunks).toString()) as Received['payload'];
      received.push({ at: Date.now(), headers: request.headers, payload });
      answer(response, received.length);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/callbacks/flexperto/the-secret`,
    received,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}
