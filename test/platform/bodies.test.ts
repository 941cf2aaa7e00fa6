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

  it('is a stream of the bytes as they come, with their announced length', async () => {
    const bytes = Buffer.from('PK\u0003\u0004 and more');
    server.answerWith((_, response) =>
      response.writeHead(200, { 'content-length': bytes.length }).end(bytes),
    );
    const { body, ...rest } = await download();
    expect(rest).toEqual({ start: 0, end: bytes.length, totalBytes: bytes.length });
    await expect(buffer(body)).resolves.toEqual(bytes);
  });

  it.each(['102 Processing', '103 Early Hints\r\nlink: </x>; rel=preload'])(
    'may come after an interim answer: %s',
    async (interim) => {
      const final = 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nPK';
      server.answerWith(({ socket }) => socket.end(`HTTP/1.1 ${interim}\r\n\r\n${final}`));
      expect(String(await buffer((await download()).body))).toBe('PK');
    },
  );

  it('fails after an unasked 100, which undici takes for a broken answer', async () => {
    const final = 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nPK';
    server.answerWith(({ socket }) => socket.end(`HTTP/1.1 100 Continue\r\n\r\n${final}`));
    expect(await rejection(download())).toMatchObject({ type: 'PlatformUnavailable' });
  });

  it('may come without a length', async () => {
    server.answerWith((_, response) => {
      response.writeHead(200);
      response.write('one');
      response.end('two');
    });
    const { body, ...rest } = await download();
    expect(rest).toEqual({ start: 0 });
    expect(String(await buffer(body))).toBe('onetwo');
  });

  it.each(['identity', ''])('may say that it is encoded as itself: %p', async (encoding) => {
    server.answerWith((_, response) => response.writeHead(200, { 'content-encoding': encoding }).end('PK'));
    expect(String(await buffer((await download()).body))).toBe('PK');
  });

  it.each(['gzip', 'br', 'gzip, gzip', 'MARKER'])('is refused where it is encoded: %s', async (encoding) => {
    server.answerWith((_, response) => response.writeHead(200, { 'content-encoding': encoding }).end('PK'));
    const error = await rejection(download());
    expect(error).toMatchObject({ type: 'FileRefused' });
    expect(String(error)).toContain('the file of archive a1 of mycompany was encoded');
    expect(String(error)).not.toContain('MARKER');
  });

  it.each([201, 202, 203, 204, 206, 226])(
    'is refused with status %i: it is not the whole file',
    async (status) => {
      server.answerWith((_, response) =>
        response.writeHead(status, { 'content-range': 'bytes 0-1/9' }).end(),
      );
      const error = await rejection(download());
      expect(error).toMatchObject({ type: 'PlatformUnavailable' });
      expect(String(error)).toContain(`answered ${status} for the file`);
    },
  );

  it('lets go of the connection where it is refused', async () => {
    const closed = new Promise((resolve) => {
      server.answerWith(({ socket }, response) => {
        socket.once('close', resolve);
        response.writeHead(206).write('never ends');
      });
    });
    await rejection(download());
    await closed;
  });

  it('fails where the connection is cut, and does not look complete', async () => {
    server.answerWith((_, response) => {
      response.writeHead(200, { 'content-length': 100 }).write('half');
      setTimeout(() => response.destroy(), 20);
    });
    const { body } = await download();
    await expect(buffer(body)).rejects.toThrow();
  });

  it('fails where it ends short of its length', async () => {
    server.answerWith(({ socket }) => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf'));
    const { body } = await download();
    await expect(buffer(body)).rejects.toThrow();
  });

  it('stops when its signal aborts, with the reason of the signal', async () => {
    const controller = new AbortController();
    const reason = new Error('stopped by the test');
    server.answerWith((_, response) => response.writeHead(200).write('begins'));
    const { body } = await download(controller.signal);
    await once(body, 'readable');
    controller.abort(reason);
    await expect(buffer(body)).rejects.toBe(reason);
  });

  it('ends at the platform, too, when its body is destroyed', async () => {
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

describe('a record that breaks off', () => {
  const fetchRecord = (signal = untouched()) => server.client().fetchRecord(KEY, signal);

  it('is a platform that could not be reached', async () => {
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

  it('stops when its signal aborts, with the reason of the signal', async () => {
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
    'leaves it to the record whether it has an effect, with status %i and whatever the body says',
    async (status) => {
      server.answerWith((_, response) =>
        response.writeHead(status).end(status === 204 ? undefined : '<html>'),
      );
      await expect(abandon()).resolves.toEqual({ outcome: 'open' });
    },
  );

  it('needs no more than the status: a connection that breaks after it does not count', async () => {
    server.answerWith((_, response) => {
      response.writeHead(200, { 'content-length': 100 }).write('half');
      setTimeout(() => response.destroy(), 20);
    });
    await expect(abandon()).resolves.toEqual({ outcome: 'open' });
  });

  it('does not wait for an answer that never ends', async () => {
    server.answerWith((_, response) => response.writeHead(200).write('never ends'));
    const began = Date.now();
    await abandon();
    expect(Date.now() - began).toBeLessThan(4_000);
  });
});
