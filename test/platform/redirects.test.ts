import { API_KEY, rejection } from './hostile-platform';
import { startNamedHosts, type NamedHosts } from './named-hosts';

const HOME = 'https://platform.example/file';

describe('a redirect', () => {
  let hosts: NamedHosts;
  beforeAll(async () => {
    hosts = await startNamedHosts();
  });
  afterAll(() => hosts.close());
  beforeEach(() => hosts.reset());

  /** Asks, and gives what arrived where. */
  async function follow(url = HOME) {
    const answer = await hosts.get(url);
    const body = await answer.body.text();
    return { body, elsewhere: answer.elsewhere, asked: hosts.seen.map(({ address }) => address) };
  }
  async function refusal(url = HOME) {
    const error = await rejection(hosts.get(url));
    expect(error).toMatchObject({ type: 'PlatformUnavailable' });
    expect(String(error)).toContain('for the thing');
    expect(String(error)).not.toMatch(/MARKER|example|http:/);
    return String(error);
  }
  const keys = () => hosts.seen.map(({ headers }) => headers['api-key']);

  it.each([301, 302, 303, 307, 308])('with status %i is followed', async (status) => {
    hosts.redirect(HOME, 'https://platform.example/there', status);
    expect(await follow()).toEqual({
      body: 'arrived',
      elsewhere: false,
      asked: [HOME, 'https://platform.example/there'],
    });
  });

  it.each([300, 304, 305, 306])('is not recognised with status %i', async (status) => {
    hosts.redirect(HOME, 'https://platform.example/there', status);
    const answer = await hosts.get(HOME);
    await answer.body.dump();
    expect(answer.statusCode).toBe(status);
    expect(hosts.seen).toHaveLength(1);
  });

  it.each(['/there?now=1', 'https://PLATFORM.example:443/there?now=1', '//platform.example/there?now=1'])(
    'to the same origin includes the key: %s',
    async (location) => {
      hosts.redirect(HOME, location);
      await follow();
      expect(hosts.seen.map(({ url }) => url)).toEqual(['/file', '/there?now=1']);
      expect(keys()).toEqual([API_KEY, API_KEY]);
    },
  );

  it('with a relative address is resolved against the address that sent it', async () => {
    hosts.redirect(HOME, 'https://files.example/a/b');
    hosts.redirect('https://files.example/a/b', 'c');
    expect((await follow()).asked.at(-1)).toBe('https://files.example/a/c');
  });

  it.each([
    [
      'UTF-8',
      '/Gespräch – 面談.zip?für=ü',
      '/Gespr%C3%A4ch%20%E2%80%93%20%E9%9D%A2%E8%AB%87.zip?f%C3%BCr=%C3%BC',
    ],
    ['Latin-1', '/Gespräch.zip?für=ü', '/Gespr%E4ch.zip?f%FCr=%FC'],
    ['ASCII', '/Gespr%C3%A4ch%2Ezip', '/Gespr%C3%A4ch%2Ezip'],
  ])('with raw %s is requested byte for byte: %s', async (charset, location, asked) => {
    const encoding = charset === 'UTF-8' ? 'utf8' : 'latin1';
    hosts.answer(HOME, ({ socket }) => {
      socket.end(`HTTP/1.1 302 Found\r\nlocation: ${location}\r\ncontent-length: 0\r\n\r\n`, encoding);
    });
    await follow();
    expect(hosts.seen.at(-1)?.url).toBe(asked);
  });

  it('to a host with a non-ASCII name goes to that host, without the key', async () => {
    hosts.answer(HOME, ({ socket }) => {
      socket.end('HTTP/1.1 302 Found\r\nlocation: https://münchen.example/x\r\ncontent-length: 0\r\n\r\n');
    });
    expect((await follow()).asked).toEqual([HOME, 'https://xn--mnchen-3ya.example/x']);
    expect(keys()).toEqual([API_KEY, undefined]);
  });

  it.each([
    'https://files.example/file',
    'https://platform.example:8443/file',
    'https://sub.platform.example/file',
    'https://platform.example.evil.example/file',
    '//files.example/file',
  ])('to another origin does not include the key: %s', async (location) => {
    hosts.redirect(HOME, location);
    const { body, elsewhere } = await follow();
    expect([body, elsewhere]).toEqual(['arrived', true]);
    expect(keys()).toEqual([API_KEY, undefined]);
    expect(JSON.stringify(hosts.seen.at(-1))).not.toContain(API_KEY);
  });

  it('from http to https on the same host counts as one to another origin', async () => {
    hosts.redirect('http://platform.example/file', HOME);
    await follow('http://platform.example/file');
    expect(keys()).toEqual([API_KEY, undefined]);
  });

  it('to http is followed if the platform itself is contacted by http', async () => {
    hosts.redirect('http://platform.example/file', 'http://files.example/file');
    expect((await follow('http://platform.example/file')).body).toBe('arrived');
  });

  it.each([
    ['http', 'http://files.example/file'],
    ['http of the same host', 'http://platform.example/file'],
    ['ftp', 'ftp://files.example/file'],
    ['a file', 'file:///etc/passwd'],
    ['data', 'data:application/zip,MARKER'],
    ['script', 'javascript:alert(1)'],
  ])('to %s is not followed if the platform is contacted by https', async (_, location) => {
    hosts.redirect(HOME, location);
    expect(await refusal()).toContain('redirects to an address that is not https');
    expect(hosts.seen).toHaveLength(1);
  });

  it('does not fall back to http through an intermediate server', async () => {
    hosts.redirect(HOME, 'https://files.example/file');
    hosts.redirect('https://files.example/file', 'http://files.example/file');
    await refusal();
    expect(hosts.seen).toHaveLength(2);
  });

  it.each([
    'https://MARKER:secret@files.example/',
    'https://MARKER@files.example/',
    'https://:x@platform.example/',
  ])('to an address with a password is not followed: %s', async (location) => {
    hosts.redirect(HOME, location);
    expect(await refusal()).toContain('password');
    expect(hosts.seen).toHaveLength(1);
  });

  it.each([
    [undefined],
    [''],
    ['https://'],
    ['https://[MARKER/'],
    [['https://a.example/', 'https://b.example/']],
  ])('without an address is not followed: %p', async (location) => {
    hosts.redirect('https://platform.example/empty', location);
    expect(await refusal('https://platform.example/empty')).toMatch(
      /redirects (to no address|without an end)/,
    );
  });

  it('is followed five times in a row, but not a sixth time', async () => {
    const at = (step: number) => `https://platform.example/${step}`;
    for (let step = 0; step < 6; step += 1) hosts.redirect(at(step), at(step + 1));
    expect((await follow(at(1))).asked).toHaveLength(6);
    hosts.reset();
    for (let step = 0; step < 6; step += 1) hosts.redirect(at(step), at(step + 1));
    expect(await refusal(at(0))).toContain('redirects without an end');
    expect(hosts.seen).toHaveLength(6);
  });

  it('in a loop ends with an error', async () => {
    hosts.redirect(HOME, HOME);
    expect(await refusal()).toContain('redirects without an end');
    expect(hosts.seen).toHaveLength(6);
  });

  it('is followed even if its body never ends', async () => {
    hosts.answer(HOME, (_, response) => {
      response.writeHead(302, { location: '/there' }).write('never ends');
    });
    expect((await follow()).body).toBe('arrived');
  });

  it.each([301, 302, 303, 307, 308])('is not followed for a POST (%i)', async (status) => {
    hosts.redirect(HOME, 'https://platform.example/there', status);
    const answer = await hosts.get(HOME, 'POST');
    await answer.body.dump();
    expect(answer.statusCode).toBe(status);
    expect(hosts.seen).toHaveLength(1);
  });
});
