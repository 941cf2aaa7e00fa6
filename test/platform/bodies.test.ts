import { once } from 'node:events';
import { buffer } from 'node:stream/consumers';
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

describe('a download', () => {
  const download = (signal = untouched()) => server.client().download(KEY, { from: 0 }, signal);

  it('streams the bytes as they arrive, with their announced length', async () => {
    const bytes = Buffer.from('PK\u0003\u0004 and more');
    server.answerWith((_, response) =>
      response.writeHead(200, { 'content-length': bytes.length }).end(bytes),
    );
    const { body, ...rest } = await download();
    expect(rest).toEqual({ start: 0, end: bytes.length, totalBytes: bytes.length });
    await expect(buffer(body)).resolves.toEqual(bytes);
  });

  it('accepts a response without a length', async () => {
    server.answerWith((_, response) => {
      response.writeHead(200);
      response.write('one');
      response.end('two');
    });
    const { body, ...rest } = await download();
    expect(rest).toEqual({ start: 0 });
    expect(String(await buffer(body))).toBe('onetwo');
  });

  it.each(['identity', ''])('accepts the content encoding %p, which encodes nothing', async (encoding) => {
    server.answerWith((_, response) => response.writeHead(200, { 'content-encoding': encoding }).end('PK'));
    expect(String(await buffer((await download()).body))).toBe('PK');
  });

  it.each(['gzip', 'br', 'gzip, gzip', 'MARKER'])('is refused if it is encoded as %s', async (encoding) => {
    server.answerWith((_, response) => response.writeHead(200, { 'content-encoding': encoding }).end('PK'));
    const error = await rejection(download());
    expect(error).toMatchObject({ type: 'FileRefused' });
    expect(String(error)).toContain('the file of archive a1 of mycompany was encoded');
    expect(String(error)).not.toContain('MARKER');
  });

  it.each([201, 202, 203, 204, 206, 226])(
    'is refused with status %i, because the body is not the whole file',
    async (status) => {
      server.answerWith((_, response) =>
        response.writeHead(status, { 'content-range': 'bytes 0-1/9' }).end(),
      );
      const error = await rejection(download());
      expect(error).toMatchObject({ type: 'PlatformUnavailable' });
      expect(String(error)).toContain(`answered ${status} for the file`);
    },
  );

  it('closes the connection of a refused response', async () => {
    const closed = new Promise((resolve) => {
      server.answerWith(({ socket }, response) => {
        socket.once('close', resolve);
        response.writeHead(206).write('never ends');
      });
    });
    await rejection(download());
    await closed;
  });

  it('fails if the connection is cut, and does not look complete', async () => {
    server.answerWith((_, response) => {
      response.writeHead(200, { 'content-length': 100 }).write('half');
      setTimeout(() => response.destroy(), 20);
    });
    const { body } = await download();
    await expect(buffer(body)).rejects.toThrow();
  });

  it('fails if the body is shorter than its length', async () => {
    server.answerWith(({ socket }) => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf'));
    const { body } = await download();
    await expect(buffer(body)).rejects.toThrow();
  });

  it("stops with the signal's reason when its signal aborts", async () => {
    const controller = new AbortController();
    const reason = new Error('stopped by the test');
    server.answerWith((_, response) => response.writeHead(200).write('begins'));
    const { body } = await download(controller.signal);
    await once(body, 'readable');
    controller.abort(reason);
    await expect(buffer(body)).rejects.toBe(reason);
  });

  it('is aborted on the platform, too, when its body is destroyed', async () => {
    const closed = new Promise((resolve) => {
      server.answerWith(({ socket }, response) => {
        socket.once('close', resolve);
        response.writeHead(200).write('never ends');
      });
    });
    const { body } = await download();
    body.on('error', () => undefined).destroy();
    await closed;
  });
});

describe('a record that is cut off', () => {
  const fetchRecord = (signal = untouched()) => server.client().fetchRecord(KEY, signal);

  it('means that the platform could not be reached', async () => {
    server.answerWith((_, response) => {
      response.writeHead(200, { 'content-length': 500 }).write('{"archiveId":"a1","name":"MARKER');
      setTimeout(() => response.destroy(), 20);
    });
    const error = await rejection(fetchRecord());
    expect(error).toMatchObject({ type: 'PlatformUnavailable' });
    expect(String(error)).toMatch(
      /could not be reached \((UND_ERR_SOCKET|ECONNRESET)\) for the record of archive a1/,
    );
    expect(String(error)).not.toContain('MARKER');
  });

  it("stops with the signal's reason when its signal aborts", async () => {
    const controller = new AbortController();
    const reason = new Error('stopped by the test');
    server.answerWith((_, response) => {
      response.writeHead(200).write('{"archiveId":');
      setTimeout(() => controller.abort(reason), 20);
    });
    await expect(fetchRecord(controller.signal)).rejects.toBe(reason);
  });
});

describe('an abandon', () => {
  const abandon = () => sendAbandon(server.client());

  it.each([200, 201, 202, 204])(
    'needs the record to show whether it has an effect, with status %i and whatever body',
    async (status) => {
      server.answerWith((_, response) =>
        response.writeHead(status).end(status === 204 ? undefined : '<html>'),
      );
      await expect(abandon()).resolves.toEqual({ outcome: 'open' });
    },
  );

  it('needs only the status: a connection that breaks after it does not count', async () => {
    server.answerWith((_, response) => {
      response.writeHead(200, { 'content-length': 100 }).write('half');
      setTimeout(() => response.destroy(), 20);
    });
    await expect(abandon()).resolves.toEqual({ outcome: 'open' });
  });

  it('does not wait for a response that never ends', async () => {
    server.answerWith((_, response) => response.writeHead(200).write('never ends'));
    const began = Date.now();
    await abandon();
    expect(Date.now() - began).toBeLessThan(4_000);
  });
});
