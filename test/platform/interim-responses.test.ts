import { randomBytes } from 'node:crypto';
import type { Socket } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { setTimeout as pause } from 'node:timers/promises';
import {
  KEY,
  rejection,
  sendAbandon,
  startHostilePlatform,
  type HostilePlatform,
  untouched,
} from './hostile-platform';

let server: HostilePlatform;
beforeAll(async () => {
  server = await startHostilePlatform();
});
afterAll(() => server.close());

/** Writes each character by itself, and then an answer. */
async function piecemeal(socket: Socket, interim: string): Promise<void> {
  socket.setNoDelay(true);
  for (const character of interim) {
    socket.write(character);
    await pause(1);
  }
  socket.end('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nPK');
}

describe('a download', () => {
  const download = () => server.client().download(KEY, { from: 0 }, untouched());

  it.each(['102 Processing', '103 Early Hints\r\nlink: </x>; rel=preload'])(
    'accepts an interim response: %s',
    async (interim) => {
      const final = 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nPK';
      server.answerWith(({ socket }) => socket.end(`HTTP/1.1 ${interim}\r\n\r\n${final}`));
      expect(String(await buffer((await download()).body))).toBe('PK');
    },
  );

  it('accepts any number of unrequested 100s between other interim responses, in any pieces', async () => {
    const interim =
      'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nlink: </x>\r\n\r\nHTTP/1.1 100\r\nvia: proxy\r\n\r\n';
    server.answerWith(({ socket }) => void piecemeal(socket, interim));
    expect(String(await buffer((await download()).body))).toBe('PK');
  });

  it('keeps a body that begins as an interim response does, on a connection that is used again', async () => {
    const content = 'HTTP/1.1 100 Continue\r\n\r\nPK';
    const client = server.client();
    const ports = new Set<number | undefined>();
    server.answerWith(({ socket }, response) => {
      ports.add(socket.remotePort);
      response.writeContinue();
      response.writeHead(200, { 'content-length': content.length }).flushHeaders();
      setTimeout(() => response.end(content), 50);
    });
    for (let times = 0; times < 5; times++) {
      const { body } = await client.download(KEY, { from: 0 }, untouched());
      expect(String(await buffer(body))).toBe(content);
    }
    expect(ports.size).toBeLessThan(5);
  });

  it('loses no byte while its reader is slower than the network', async () => {
    const content = randomBytes(8 * 1024 * 1024);
    server.answerWith((_, response) => response.end(content));
    const { body } = await server.client().download(KEY, { from: 0 }, AbortSignal.timeout(20_000));
    const received: Buffer[] = [];
    for await (const chunk of body) {
      received.push(chunk as Buffer);
      await pause(1);
    }
    expect(Buffer.concat(received).equals(content)).toBe(true);
  });

  it('fails if the connection ends, or a head does not, before the answer', async () => {
    server.answerWith(({ socket }) => socket.end('HTTP/1.1 100 Continue\r\nvia: '));
    expect(await rejection(download())).toMatchObject({ type: 'PlatformUnavailable' });
    server.answerWith(({ socket }) => socket.end(`HTTP/1.1 100 Continue\r\nvia: ${'x'.repeat(1_000_000)}`));
    expect(await rejection(download())).toMatchObject({ type: 'PlatformUnavailable' });
  });
});

describe('an abandon', () => {
  it('gets the answer that follows an unrequested 100', async () => {
    server.answerWith(({ socket }) =>
      socket.end('HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n'),
    );
    await expect(sendAbandon(server.client())).resolves.toMatchObject({ outcome: 'refused' });
  });
});
