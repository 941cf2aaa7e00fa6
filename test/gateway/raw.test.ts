import { notification, PATH, startTestGateway, type TestGateway } from './gateway';
import { closed, exchange, open } from './raw-http';

const TYPE = 'content-type: application/json';

let gateway: TestGateway;
beforeAll(async () => {
  gateway = await startTestGateway();
});
afterAll(() => gateway.close());
beforeEach(() => ((gateway.taken as unknown[]).length = 0));

/** A whole notification, after which the connection stays open or not. */
function request(
  archiveId: string,
  connection: 'keep-alive' | 'close',
  ...headers: readonly string[]
): string {
  const body = JSON.stringify(notification(archiveId));
  const lines = [`POST ${PATH} HTTP/1.1`, 'host: x', TYPE, `connection: ${connection}`, ...headers];
  return `${lines.join('\r\n')}\r\ncontent-length: ${body.length}\r\n\r\n${body}`;
}

function takenIds(): readonly string[] {
  return gateway.taken.map(({ archiveId }) => archiveId);
}

/** The statuses of the answers on one connection, in order. */
function statuses(answers: string): readonly string[] {
  return [...answers.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map(([, status = '']) => status);
}

describe('one connection', () => {
  it('may send several pipelined notifications, which are answered in order', async () => {
    const ids = ['p1', 'p2', 'p3'];
    const all = [...ids.map((id) => request(id, 'keep-alive')), request('p4', 'close')];
    expect(statuses(await exchange(gateway.port, all.join('')))).toEqual(['202', '202', '202', '202']);
    expect(takenIds()).toEqual([...ids, 'p4']);
  });

  it('is closed at an invalid request, after the requests before it were answered', async () => {
    const answers = await exchange(gateway.port, `${request('before', 'keep-alive')}MARKER\r\n\r\n`);
    expect(statuses(answers).at(-1)).toBe('400');
    expect(answers).not.toContain('MARKER');
    expect(takenIds()).toEqual(['before']);
  });

  it.each(['constructor', '__proto__', 'toString'])(
    'may name an encoding like a property of every object: %s',
    async (encoding) => {
      const named = request('named', 'close', `content-encoding: ${encoding}`);
      expect(statuses(await exchange(gateway.port, named))).toEqual(['202']);
    },
  );

  it('may send what is no gzip and too long behind a notification that is still being taken', async () => {
    const head = `POST ${PATH} HTTP/1.1\r\nhost: x\r\n${TYPE}\r\ncontent-encoding: gzip\r\nconnection: close`;
    const noGzip = `${head}\r\ncontent-length: 2000000\r\n\r\n${'MARKER'.repeat(100)}`;
    const answers = await exchange(gateway.port, `${request('first', 'keep-alive')}${noGzip}`);
    expect(statuses(answers)).toEqual(['202', '413']);
  });

  it('may send a notification byte by byte', async () => {
    const bytes = request('single-bytes', 'close').split('');
    expect(statuses(await exchange(gateway.port, ...bytes))).toEqual(['202']);
    expect(takenIds()).toEqual(['single-bytes']);
  });

  it('may be half-closed by the sender before the response', async () => {
    const socket = await open(gateway.port);
    let answer = '';
    socket.on('data', (chunk) => (answer += chunk.toString('latin1')));
    socket.end(request('half-closed', 'keep-alive'));
    await closed(socket);
    expect(statuses(answer)).toEqual(['202']);
  });

  it('may use HTTP/1.0', async () => {
    const old = request('old', 'close').replace('HTTP/1.1', 'HTTP/1.0');
    expect(await exchange(gateway.port, old)).toContain('{"status":"accepted"}');
  });
});

/** Where two servers could see different requests in the same bytes, none is seen. */
describe('an ambiguous request', () => {
  const head = `POST ${PATH} HTTP/1.1\r\nhost: x\r\n${TYPE}\r\n`;
  const body = JSON.stringify(notification('smuggled'));
  const length = `content-length: ${body.length}`;
  const chunked = `${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n`;

  it.each([
    ['a length and chunks', `${head}${length}\r\ntransfer-encoding: chunked\r\n\r\n${chunked}`],
    ['chunks and a length', `${head}transfer-encoding: chunked\r\n${length}\r\n\r\n${chunked}`],
    ['two lengths', `${head}${length}\r\ncontent-length: 1\r\n\r\n${body}`],
    ['a list of lengths', `${head}content-length: ${body.length}, ${body.length}\r\n\r\n${body}`],
    ['a signed length', `${head}content-length: +${body.length}\r\n\r\n${body}`],
    ['a negative length', `${head}content-length: -1\r\n\r\n${body}`],
    ['a length in hexadecimal', `${head}content-length: 0x${body.length.toString(16)}\r\n\r\n${body}`],
    ['a length beyond all numbers', `${head}content-length: ${'9'.repeat(30)}\r\n\r\n${body}`],
    ['chunks within something', `${head}transfer-encoding: chunked, identity\r\n\r\n${chunked}`],
    ['almost chunks', `${head}transfer-encoding: xchunked\r\n\r\n${chunked}`],
    [
      'chunks of HTTP/1.0 with a length',
      `${head}${length}\r\ntransfer-encoding: chunked\r\n\r\n${chunked}`.replace('1.1', '1.0'),
    ],
    ['a folded header', `${head}x: a\r\n b\r\n${length}\r\n\r\n${body}`],
    ['a folded length', `${head}content-length:\r\n ${body.length}\r\n\r\n${body}`],
    ['lines that end with LF', `${head}${length}\r\n\r\n`.replaceAll('\r\n', '\n') + body],
    ['lines that end with CR', `${head}${length}\r\n\r\n`.replaceAll('\r\n', '\r') + body],
    ['a space before a colon', `${head}content-length : ${body.length}\r\n\r\n${body}`],
    ['a NUL in a header', `${head}x: a\u0000b\r\n${length}\r\n\r\n${body}`],
    ['a NUL in the path', `${head.replace(' HTTP', '\u0000 HTTP')}${length}\r\n\r\n${body}`],
    ['a chunk whose length is none', `${head}transfer-encoding: chunked\r\n\r\nx\r\n${body}\r\n0\r\n\r\n`],
    [
      'a chunk that is longer than it says',
      `${head}transfer-encoding: chunked\r\n\r\n1\r\n${body}\r\n0\r\n\r\n`,
    ],
    ['a version that does not exist', `${head.replace('HTTP/1.1', 'HTTP/3.7')}${length}\r\n\r\n${body}`],
    ['the beginning of HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'],
    ['a tunnel', `CONNECT x:443 HTTP/1.1\r\nhost: x\r\n\r\n`],
  ])('is not accepted: %s', async (_, bytes) => {
    const answer = await exchange(gateway.port, bytes);
    expect(['', '400']).toContain(statuses(answer)[0] ?? '');
    expect(answer).not.toContain('202');
    expect(takenIds()).toEqual([]);
  });

  it('behind a valid one is a separate request, and needs its own secret', async () => {
    const behind = `POST /callbacks/flexperto/x HTTP/1.1\r\nhost: x\r\nconnection: close\r\n${length}\r\n\r\n${body}`;
    const answers = await exchange(gateway.port, request('good', 'keep-alive') + behind);
    expect(statuses(answers)).toEqual(['202', '404']);
    expect(takenIds()).toEqual(['good']);
  });
});

describe('an oversized request', () => {
  it.each([
    ['a path without end', `POST ${PATH}${'x'.repeat(20_000)} HTTP/1.1\r\nhost: x\r\n\r\n`],
    ['a method without end', 'P'.repeat(20_000)],
    ['headers without end', `POST ${PATH} HTTP/1.1\r\nhost: x\r\n${'x: y\r\n'.repeat(20_000)}\r\n`],
    [
      'a trailer without end',
      `POST ${PATH} HTTP/1.1\r\nhost: x\r\n${TYPE}\r\ntransfer-encoding: chunked\r\n\r\n0\r\n${'x: y\r\n'.repeat(20_000)}\r\n`,
    ],
    [
      'a chunk extension without end',
      `POST ${PATH} HTTP/1.1\r\nhost: x\r\n${TYPE}\r\ntransfer-encoding: chunked\r\n\r\n1;${'x'.repeat(40_000)}`,
    ],
  ])('is cut off: %s', async (_, bytes) => {
    const answer = await exchange(gateway.port, bytes);
    // Whoever still sends when the connection is closed may not get to read the answer.
    expect(['', '400', '431']).toContain(statuses(answer).at(-1) ?? '');
    expect(takenIds()).toEqual([]);
  });
});
