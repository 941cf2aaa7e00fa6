import { memoryLog, notification, PATH, SECRET, startTestGateway, type TestGateway } from './gateway';
import { exchange } from './raw-http';

const MARKER = 'MARKER-Erika-Mustermann';

describe('the log of the gateway at its most verbose level', () => {
  const { log, text } = memoryLog();
  let gateway: TestGateway;
  beforeAll(async () => {
    gateway = await startTestGateway({ log });
  });
  afterAll(() => gateway.close());

  /** Every body and every log line, and that as bytes, too: a buffer is logged as a list of numbers. */
  function expectNoTrace(...answers: readonly string[]): void {
    const seen = [text(), ...answers].join('\n');
    for (const hidden of [MARKER, SECRET]) {
      expect(seen).not.toContain(hidden);
      expect(seen).not.toContain([...Buffer.from(hidden)].join(','));
      expect(seen).not.toContain(Buffer.from(hidden).toString('base64').slice(0, -4));
    }
  }

  it('names the archive, the tenant and the outcome of the notification', async () => {
    await gateway.post(notification('archive-in-the-log'));
    const line = text()
      .split('\n')
      .find((candidate) => candidate.includes('archive-in-the-log'));
    expect(JSON.parse(line ?? '{}')).toMatchObject({ tenant: 'mycompany', status: 'accepted' });
  });

  it('contains no meta, headers or secret of a notification', async () => {
    const { data, meta } = notification() as { readonly data: object; readonly meta: object };
    const personal = { conference_id: MARKER, meta: { name: MARKER, [MARKER]: [MARKER] } };
    const headers = {
      'user-agent': MARKER,
      'x-request-id': MARKER,
      'request-id': MARKER,
      cookie: MARKER,
      referer: MARKER,
    };
    const body = { data: { ...data, archive_subject: personal }, meta: { ...meta, audience: MARKER } };
    const answer = await gateway.post(body, `${PATH}?${MARKER}`, headers);
    expect(answer.status).toBe(202);
    expectNoTrace(await answer.text(), JSON.stringify([...answer.headers]));
  });

  it.each([
    ['an archive id that cannot be', PATH, JSON.stringify(notification(`../${MARKER}`)), 422],
    ['JSON that breaks off', PATH, `{"${MARKER}`, 400],
    ['JSON that changes the prototype', PATH, `{"__proto__":"${MARKER}"}`, 400],
    ['another topic', PATH, JSON.stringify(notification('a', MARKER)), 202],
    ['a wrong secret', `/callbacks/flexperto/${MARKER}`, '{}', 404],
    ['an unknown path', `/${MARKER}/${SECRET}`, '{}', 404],
    ['a path that does not decode', `/callbacks/flexperto/${SECRET}%zz${MARKER}`, '{}', 400],
    ['a path that is too long', `/callbacks/flexperto/${SECRET}${MARKER.repeat(20)}`, '{}', 414],
  ])('contains nothing of a request with %s', async (_, path, body, status) => {
    const answer = await gateway.post(body, path);
    expect(answer.status).toBe(status);
    expectNoTrace(await answer.text(), JSON.stringify([...answer.headers]));
  });

  it.each([
    ['is no HTTP', `${MARKER} ${PATH}\r\n\r\n`],
    ['has an impossible header', `POST ${PATH} HTTP/1.1\r\nhost: x\r\n${MARKER} : x\r\n\r\n`],
    ['has headers without end', `POST ${PATH} HTTP/1.1\r\nhost: x\r\nx: ${MARKER.repeat(1_000)}\r\n\r\n`],
    [
      'has a body that is no chunk',
      `POST ${PATH} HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n${MARKER}`,
    ],
  ])('contains nothing of a message that %s', async (_, bytes) => {
    expectNoTrace(await exchange(gateway.port, bytes));
  });

  it('contains only the code of an error', async () => {
    const error = Object.assign(new Error(MARKER), { code: 'ENOTHING', url: PATH });
    gateway.intakeGives(() => Promise.reject(error));
    const answer = await gateway.post(notification());
    expect(answer.status).toBe(500);
    expect(text()).toContain('ENOTHING');
    expectNoTrace(await answer.text());
  });

  it('contains nothing of a sender that disconnects in the middle', async () => {
    gateway.intakeGives(() => new Promise((resolve) => setTimeout(resolve, 100, 'accepted')));
    const controller = new AbortController();
    const body = JSON.stringify({ ...notification('gone-away'), note: MARKER });
    const going = fetch(gateway.url + PATH, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
      signal: controller.signal,
    });
    while (!gateway.taken.some(({ archiveId }) => archiveId === 'gone-away')) await new Promise(setImmediate);
    controller.abort();
    await expect(going).rejects.toThrow();
    while (!text().includes('gone-away')) await new Promise((resolve) => setTimeout(resolve, 10));
    expectNoTrace();
  });
});
