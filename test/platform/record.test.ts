import {
  json,
  KEY,
  rejection,
  startHostilePlatform,
  untouched,
  type HostilePlatform,
} from './hostile-platform';

const SHA256 = '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08';
const PERSON = 'MARKER Erika Mustermann';
const RECORD = { archiveId: 'a1', conferenceId: 'c1', status: 'AVAILABLE', sha256CheckSum: SHA256 };

describe('the record of an archive', () => {
  let server: HostilePlatform;
  beforeAll(async () => {
    server = await startHostilePlatform();
  });
  afterAll(() => server.close());

  const fetchRecord = (key = KEY) => server.client().fetchRecord(key, untouched());
  const given = (body: unknown) => {
    server.answerWith(json(body));
    return fetchRecord();
  };
  const sent = (body: string | Buffer, headers = {}) => {
    server.answerWith((_, response) => response.writeHead(200, headers).end(body));
    return fetchRecord();
  };

  it('is parsed, and kept exactly as it was sent', async () => {
    const text = `{ "archiveId":"a1",  "conferenceId":"c1","status":"AVAILABLE","sha256CheckSum":"${SHA256}",\n "n": 1.50, "a":[{"é":"ü"}] }\n`;
    await expect(sent(text)).resolves.toEqual({
      status: 'AVAILABLE',
      conferenceId: 'c1',
      sha256: SHA256,
      source: Buffer.from(text),
      content: expect.anything() as unknown,
    });
  });

  it('may begin with a byte order mark, which is kept', async () => {
    const text = `\uFEFF${JSON.stringify(RECORD)}`;
    await expect(sent(text)).resolves.toMatchObject({
      status: 'AVAILABLE',
      sha256: SHA256,
      source: Buffer.from(text),
    });
  });

  it('may be encoded in Latin-1, loses no letter, and is kept byte by byte', async () => {
    const content = { ...RECORD, expert: 'Jürgen Groß' };
    const source = Buffer.from(JSON.stringify(content), 'latin1');
    await expect(sent(source)).resolves.toMatchObject({ sha256: SHA256, source, content });
  });

  it.each([
    ['archiveId', { archiveId: 'a1', status: 'PACKING' }],
    ['id', { id: 'a1', status: 'PACKING' }],
    ['archiveId before another id', { id: 'another', archiveId: 'a1', status: 'PACKING' }],
    ['id where archiveId is null', { id: 'a1', archiveId: null, status: 'PACKING' }],
  ])('names its archive as %s', async (_, body) => {
    await expect(given(body)).resolves.toMatchObject({ status: 'PACKING' });
  });

  it('may have numbers as identifiers', async () => {
    server.answerWith(json({ archiveId: 17, conferenceId: 4, status: 'AVAILABLE' }));
    const record = await server.client().fetchRecord({ ...KEY, archiveId: '17' as never }, untouched());
    expect(record.conferenceId).toBe('4');
  });

  it('may contain further fields of any type', async () => {
    const further = {
      error: null,
      participants: [1, 'x', {}],
      start: { at: 5 },
      constructor: 1,
      toString: [],
    };
    await expect(given({ ...RECORD, ...further })).resolves.toMatchObject({ sha256: SHA256 });
    await expect(
      sent(`{"archiveId":"a1","status":"AVAILABLE","__proto__":{"conferenceId":"evil"}}`),
    ).resolves.not.toHaveProperty('conferenceId');
  });

  it.each([
    ['in upper case', SHA256.toUpperCase()],
    ['with space around it', ` ${SHA256}\n`],
  ])('may contain its checksum %s', async (_, sha256CheckSum) => {
    await expect(given({ ...RECORD, sha256CheckSum })).resolves.toMatchObject({ sha256: SHA256 });
  });

  it.each([
    [undefined],
    [null],
    [''],
    [7],
    [{}],
    [SHA256.slice(1)],
    [`${SHA256}0`],
    [`g${SHA256.slice(1)}`],
    [`sha256:${SHA256}`],
    ['d41d8cd98f00b204e9800998ecf8427e'],
  ])('has no checksum if the field is %p', async (sha256CheckSum) => {
    const record = await given({ ...RECORD, sha256CheckSum });
    expect(record).not.toHaveProperty('sha256');
    expect(record.status).toBe('AVAILABLE');
  });

  it.each([[undefined], [null], [''], ['../c1'], ['c1/../c2'], ['c 1'], [{}], [true], [1.5]])(
    'has no conference if the field is %p, which does not fit into a URL',
    async (conferenceId) => {
      await expect(given({ ...RECORD, conferenceId })).resolves.not.toHaveProperty('conferenceId');
    },
  );

  it.each(['PROCESSING', 'SOMETHING_NEW', 'available', '💥'])(
    'may have any status, such as %s',
    async (status) => {
      await expect(given({ ...RECORD, status })).resolves.toMatchObject({ status });
    },
  );

  it.each([
    ['of another archive', { ...RECORD, archiveId: 'a2' }],
    ['of another archive by id', { id: 'a2', status: 'AVAILABLE' }],
    ['of an archive that differs in case', { ...RECORD, archiveId: 'A1' }],
    ['of no archive', { status: 'AVAILABLE', note: PERSON }],
  ])('is invalid if it is %s', async (_, body) => {
    const error = await rejection(given(body));
    expect(error).toMatchObject({ type: 'RecordInvalid' });
    expect(String(error)).toContain('archive a1 of mycompany');
    expect(String(error)).not.toMatch(/a2|MARKER/);
  });

  it.each([
    ['an error page', `<html><body>${PERSON}</body></html>`],
    ['nothing', ''],
    ['JSON that breaks off', `{"archiveId":"a1","status":"AVAILABLE","name":"${PERSON}`],
    ['an error as JSON', JSON.stringify({ error: PERSON })],
    ['a list', JSON.stringify([RECORD])],
    ['text', JSON.stringify(PERSON)],
    ['null', 'null'],
    ['a record without a status', JSON.stringify({ ...RECORD, status: undefined })],
    ['a record with a status that is none', JSON.stringify({ ...RECORD, status: { PERSON } })],
    ['a record with an empty status', JSON.stringify({ ...RECORD, status: '' })],
    ['a record with a status without end', JSON.stringify({ ...RECORD, status: PERSON.repeat(100) })],
    ['brackets without end', '['.repeat(1_000_000)],
    ['bytes', Buffer.from([0x1f, 0x8b, 0xff, 0x00, 0xfe])],
  ])('is polled again if the platform sends %s with status 200', async (_, body) => {
    const error = await rejection(sent(body));
    expect(error).toMatchObject({ type: 'PlatformUnavailable' });
    expect(String(error)).toContain('archive a1 of mycompany');
    expect(String(error)).not.toContain('MARKER');
  });

  it('is polled again if it exceeds the size limit, and the rest is not read', async () => {
    let sentBytes = 0;
    server.answerWith((_, response) => {
      response.writeHead(200, { 'content-type': 'application/json' });
      const chunk = Buffer.alloc(1024 * 1024, 0x20);
      const send = () => {
        while (!response.destroyed && sentBytes < 2 ** 30) {
          sentBytes += chunk.length;
          if (!response.write(chunk)) return;
        }
        response.end();
      };
      response.on('drain', send);
      send();
    });
    const error = await rejection(fetchRecord());
    expect(error).toMatchObject({ type: 'PlatformUnavailable' });
    expect(String(error)).toContain('too large to be a record');
    expect(sentBytes).toBeLessThan(64 * 1024 * 1024);
  });
});
