import type { Socket } from 'node:net';
import { notification, PATH, startTestGateway, type TestGateway } from './gateway';
import { closed, open } from './raw-http';

const DRIPPING = 500;
const GOOD = 20;

/** What each of them has sent, and drips on from there. */
const PARTS = [
  '',
  `POST ${PATH} HTTP/1.1\r\nhost: x\r\n`,
  `POST ${PATH} HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 1000\r\n\r\n{`,
  `POST ${PATH} HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n1`,
];

describe(`${DRIPPING} connections that drip`, () => {
  let gateway: TestGateway;
  let sockets: readonly Socket[];
  let drip: NodeJS.Timeout;
  beforeAll(async () => {
    gateway = await startTestGateway();
    await gateway.post(notification('before'), PATH, { connection: 'close' });
    sockets = await Promise.all(Array.from({ length: DRIPPING }, () => open(gateway.port)));
    sockets.forEach((socket, index) => socket.resume().write(PARTS[index % PARTS.length] ?? ''));
    drip = setInterval(() => sockets.forEach((socket, index) => index % 4 && socket.write('x')), 500);
  });
  afterAll(async () => {
    clearInterval(drip);
    for (const socket of sockets) socket.destroy();
    await gateway.close();
  });

  it("do not delay the answers to good notifications beyond the platform's timeout", async () => {
    expect(sockets.filter(({ closed: isClosed }) => isClosed)).toEqual([]);
    for (let index = 0; index < GOOD; index += 1) {
      const began = performance.now();
      const { status } = await gateway.post(notification(`good-${index}`), PATH, { connection: 'close' });
      expect(status).toBe(202);
      expect(performance.now() - began).toBeLessThan(3_000);
    }
    expect(gateway.taken).toHaveLength(1 + GOOD);
  });

  it('are all closed, and none of their notifications is accepted', async () => {
    await Promise.all(sockets.map(closed));
    expect(gateway.taken).toHaveLength(1 + GOOD);
    const metrics = await gateway.metrics.registry.metrics();
    expect(metrics).toMatch(/rejections_total\{reason="tooSlow"\} \d+/);
  });
});

describe('a sender that does not read its responses', () => {
  it('is no longer read after a while, so that nothing accumulates, and others are answered', async () => {
    const gateway = await startTestGateway();
    const socket = await open(gateway.port);
    socket.pause();
    const questions = 'GET /livez HTTP/1.1\r\nhost: x\r\n\r\n'.repeat(1_000);
    let stalledSince = Date.now();
    let heard = 0;
    // The kernel on both sides takes some megabytes.
    while (Date.now() < stalledSince + 500) {
      if (!socket.writableNeedDrain) socket.write(questions);
      await new Promise((resolve) => setTimeout(resolve, 1));
      if (socket.bytesWritten - socket.writableLength === heard) continue;
      heard = socket.bytesWritten - socket.writableLength;
      stalledSince = Date.now();
    }
    expect(heard).toBeLessThan(64 * 1024 * 1024);
    expect((await gateway.post(notification())).status).toBe(202);
    socket.destroy();
    await gateway.close();
  });
});
