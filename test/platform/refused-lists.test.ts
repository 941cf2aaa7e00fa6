import { startHostilePlatform, type HostilePlatform } from './hostile-platform';
import { endWith, NOT_WHOLE, readList } from './read-list';

let server: HostilePlatform;
beforeAll(async () => {
  server = await startHostilePlatform();
});
afterAll(() => server.close());
beforeEach(() => server.reset());

function read(body: unknown, headers: Readonly<Record<string, string>> = {}, status = 200) {
  server.answerWith((_, response) => endWith(response, body, headers, status));
  return readList(server.client());
}

/** A list of archives that each have an id, with `text` after the last of them. */
function listThen(text: string | Buffer): Buffer {
  return Buffer.concat([Buffer.from('[{"archiveId": "a"}, {"archiveId": "b"}'), Buffer.from(text)]);
}

describe('a list that is not fully understood is rejected', () => {
  it.each<[string, string | Buffer]>([
    ['an archive nested in an array', ', [{"archiveId": "c"}]]'],
    ['an error page in place of an archive', ', <html>502 Bad Gateway</html> ]'],
    ['a text in place of an archive', ', "c"]'],
    ['a number in place of an archive', ', 7]'],
    ['null in place of an archive', ', null]'],
    ['true in place of an archive', ', true]'],
    ['an empty array in place of an archive', ', []]'],
    ['nothing in place of an archive', ', ]'],
    ['no comma between archives', ' {"archiveId": "c"}]'],
    ['a name without quotes', ', {archiveId: "c"}]'],
    ['a line break in a text', ', {"archiveId": "c\n"}]'],
    ['an escape that JSON does not have', ', {"archiveId": "\\x63"}]'],
    ['a number that JSON does not have', ', {"archiveId": 07}]'],
    ['a comment', ' /* and more */]'],
    ['the wrong bracket at its end', '}'],
    ['something after it', '] and more'],
    ['another list after it', '][{"archiveId": "c"}]'],
    ['another object after it', ']\n{}'],
    ['a zero byte after it', ']\0'],
    ['no end', ''],
    ['no end, and a comma', ','],
    ['no end within an archive', ', {"archiveId": "c", "status"'],
    ['an archive that is too large', `, {"archiveId": "c", "x": "${'x'.repeat(9 * 1024 * 1024)}"}]`],
    ['too much white space', `${' '.repeat(9 * 1024 * 1024)}]`],
  ])('%s', async (_, text) => {
    const { ids, error } = await read(listThen(text));
    expect(error).toMatchObject(NOT_WHOLE);
    expect(ids).toEqual(['a', 'b']);
  });

  it.each<[string, unknown]>([
    ['two lists next to each other', { archives: [{ archiveId: 'a' }], deleted: [{ archiveId: 'b' }] }],
    ['an empty list next to it', { archives: [{ archiveId: 'a' }], deleted: [] }],
    ['an array deep in what is around it', { archives: [{ archiveId: 'a' }], more: { deep: ['x'] } }],
    ['no JSON around it', '{"archives": [{"archiveId": "a"}], oops}'],
    ['a second value around it', '{"archives": [{"archiveId": "a"}]} {}'],
    ['what is around it cut short', '{"archives": [{"archiveId": "a"}]'],
    ['too much around it', `{"archives": [{"archiveId": "a"}], "x": "${'x'.repeat(70_000)}"}`],
    ['too many objects around it', `{"archives": [{"archiveId": "a"}], "x": ${'{"x":'.repeat(50_000)}`],
  ])('%s', async (_, body) => {
    const { ids, error } = await read(body);
    expect(error).toMatchObject(NOT_WHOLE);
    expect(ids).toEqual(['a']);
  });

  it.each<[string, unknown]>([
    ['an object without an array', { archives: { a: { archiveId: 'a' } } }],
    ['an array of arrays', [[{ archiveId: 'a' }]]],
    ['an array of ids', ['a']],
    ['a text', '"[{}]"'],
    ['null', 'null'],
    ['nothing', ''],
    ['a page', '<html></html>'],
    ['several byte order marks', '\ufeff\ufeff[]'],
    ['lines of JSON', '{"archiveId": "a"}\n{"archiveId": "b"}'],
  ])('%s', async (_, body) => {
    const { ids, error } = await read(body);
    expect(error).toMatchObject(NOT_WHOLE);
    expect(ids).toEqual([]);
  });

  it.each<[string, readonly number[]]>([
    ['Latin-1', [0xe4]],
    ['an overlong form', [0xc1, 0xa1]],
    ['half of a surrogate pair', [0xed, 0xa0, 0x80]],
    ['a character that is cut short', [0xe2, 0x82]],
  ])('a text that is not UTF-8: %s', async (_, bytes) => {
    const text = [Buffer.from(', {"archiveId": "c", "expert": "'), Buffer.from(bytes), Buffer.from('"}]')];
    expect((await read(listThen(Buffer.concat(text)))).error).toMatchObject(NOT_WHOLE);
    expect((await read(listThen(Buffer.from([0x5d, ...bytes])))).error).toMatchObject(NOT_WHOLE);
  });

  it('an answer that is cut off', async () => {
    server.answerWith((_, response) => {
      response.writeHead(200, { 'content-length': 1_000 }).write(listThen(']'));
      setTimeout(() => response.destroy(), 20);
    });
    expect(await readList(server.client())).toMatchObject({ ids: ['a', 'b'], error: NOT_WHOLE });
  });

  it.each<[string, number, Readonly<Record<string, string>>]>([
    ['status 206', 206, {}],
    ['status 202', 202, {}],
    ['a range', 200, { 'content-range': 'archives 0-1/66' }],
    ['a range of bytes that is all of it', 200, { 'content-range': 'bytes 0-42/43' }],
  ])('%s', async (_, status, headers) => {
    const { ids, error } = await read(listThen(']'), headers, status);
    expect(error).toMatchObject(NOT_WHOLE);
    expect(ids).toEqual([]);
  });

  it.each([', "Mustermann"]', ', Mustermann]', ', {"Mustermann": Mustermann}]', '] Mustermann'])(
    'and the error quotes nothing of it: %s',
    async (text) => {
      const { error } = await read(listThen(text));
      expect(error).toMatchObject(NOT_WHOLE);
      expect(String(error)).toMatch(/^ArchivistError: The answer for the list of archives (is|has) /);
      expect(String(error)).not.toContain('Mustermann');
    },
  );
});
