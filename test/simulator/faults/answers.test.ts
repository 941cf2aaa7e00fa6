import type { FaultRule } from '../../../src/simulator';
import { ABANDON, DOWNLOAD, LIST, RECORD, startFaultySite, type FaultySite } from './site';

let site: FaultySite;

beforeEach(async () => (site = await startFaultySite()));
afterEach(() => site.close());

type Fields = Readonly<Record<string, unknown>>;

async function recordWith(rule: FaultRule): Promise<Fields> {
  const { status, headers, body } = await site.meet(rule, RECORD);
  expect(status).toBe(200);
  expect(headers['content-length']).toBe(String(body.length));
  return JSON.parse(body.toString()) as Fields;
}

describe('a faulty record', () => {
  test('lacks its checksum', async () => {
    expect(await recordWith({ fault: 'noChecksum' })).not.toHaveProperty('sha256CheckSum');
  });

  test('has its checksum in upper case', async () => {
    expect(await recordWith({ fault: 'upperCaseChecksum' })).toMatchObject({
      sha256CheckSum: site.sha256.toUpperCase(),
    });
  });

  test("has a checksum that differs from the file's", async () => {
    const { sha256CheckSum } = await recordWith({ fault: 'wrongChecksum' });

    expect(sha256CheckSum).toMatch(/^[0-9a-f]{64}$/);
    expect(sha256CheckSum).not.toBe(site.sha256);
  });

  test.each(['noChecksum', 'upperCaseChecksum', 'wrongChecksum'] as const)(
    'does not use up %s before it has a checksum',
    async (fault) => {
      await site.simulator.setStatus('a1', { status: 'PACKING' });
      await recordWith({ fault, times: 1 });
      await site.simulator.setStatus('a1', { status: 'AVAILABLE' });
      const { body } = await site.ask(RECORD);

      expect(JSON.parse(body.toString())).not.toHaveProperty('sha256CheckSum', site.sha256);
      expect((await site.requests(2)).map((entry) => entry.fault)).toEqual([undefined, fault]);
    },
  );

  test('belongs to another conference, or to another archive', async () => {
    expect(await recordWith({ fault: 'otherConference' })).toMatchObject({ conferenceId: 'c1-other' });
    expect(await recordWith({ fault: 'otherArchive' })).toMatchObject({ archiveId: 'a1-other' });
  });

  test('has additional fields, and lacks others', async () => {
    const fields = { status: 'PACKING', expert: null };
    const record = await recordWith({ fault: 'recordFields', fields, times: 1 });

    expect(record).toMatchObject({ archiveId: 'a1', status: 'PACKING' });
    expect(record).not.toHaveProperty('expert');
    expect(JSON.parse((await site.ask(RECORD)).body.toString())).toMatchObject({ status: 'AVAILABLE' });
  });
});

describe('a faulty list', () => {
  beforeEach(async () => {
    await site.simulator.createArchives({ archiveId: 'b', count: 3, size: 1024 });
  });

  async function listWith(rule: FaultRule): Promise<unknown> {
    const { body } = await site.meet(rule, LIST);
    return JSON.parse(body.toString());
  }

  function idsOf(list: unknown): readonly unknown[] {
    return (list as readonly Fields[]).map(({ archiveId }) => archiveId);
  }

  test('is whole without a fault', async () => {
    expect(idsOf(JSON.parse((await site.ask(LIST)).body.toString()))).toEqual(['a1', 'b-1', 'b-2', 'b-3']);
  });

  test('lacks its second half, or some of its archives', async () => {
    expect(idsOf(await listWith({ fault: 'partialList' }))).toEqual(['a1', 'b-1']);
    expect(idsOf(await listWith({ fault: 'partialList', omit: ['a1', 'b-2'] }))).toEqual(['b-1', 'b-3']);
  });

  test('is empty', async () => {
    expect(await listWith({ fault: 'emptyList' })).toEqual([]);
  });

  test('is wrapped in an object', async () => {
    const wrapped = (await listWith({ fault: 'wrappedList', key: 'items' })) as { items: unknown };

    expect(idsOf(wrapped.items)).toEqual(['a1', 'b-1', 'b-2', 'b-3']);
  });
});

describe('an abandon with noEffect', () => {
  test('gets a successful answer, but is not carried out', async () => {
    const { status, body } = await site.meet({ fault: 'noEffect', times: 1 }, ABANDON, { method: 'POST' });

    expect(status).toBe(200);
    expect(JSON.parse(body.toString())).toEqual([{ archiveId: 'a1', status: 'ABANDONED' }]);
    expect(await site.simulator.archive('a1')).toMatchObject({ status: 'AVAILABLE' });
    expect((await site.requests(1))[0]).toMatchObject({ fault: 'noEffect', effect: false, affected: [] });

    await site.ask(ABANDON, { method: 'POST' });
    expect(await site.simulator.archive('a1')).toMatchObject({ status: 'ABANDONED' });
  });
});

describe('the download with a fault', () => {
  test('htmlPage returns a page with status 200', async () => {
    const { status, headers, body } = await site.meet({ fault: 'htmlPage' }, DOWNLOAD);

    expect(status).toBe(200);
    expect(headers['content-type']).toContain('text/html');
    expect(body.toString()).toMatch(/^<!DOCTYPE html>/);
  });

  test('jsonError returns an error with status 200', async () => {
    const { status, headers, body } = await site.meet({ fault: 'jsonError' }, DOWNLOAD);

    expect(status).toBe(200);
    expect(headers['content-type']).toContain('application/json');
    expect(JSON.parse(body.toString())).toMatchObject({ statusCode: 500 });
  });
});

describe('the record with a fault', () => {
  test('invalidJson returns invalid JSON', async () => {
    const { status, headers, body } = await site.meet({ fault: 'invalidJson' }, RECORD);

    expect(status).toBe(200);
    expect(headers['content-type']).toContain('application/json');
    expect(() => void JSON.parse(body.toString())).toThrow(SyntaxError);
  });

  test('htmlPage returns a page if that is requested', async () => {
    const { body } = await site.meet({ fault: 'htmlPage', endpoint: 'record' }, RECORD);

    expect(body.toString()).toMatch(/^<!DOCTYPE html>/);
  });

  test('hugeBody returns the record followed by much else', async () => {
    const { headers, body } = await site.meet({ fault: 'hugeBody', bytes: 3_000_000 }, RECORD);

    expect(headers['content-length']).toBe('3000000');
    expect(body).toHaveLength(3_000_000);
    expect(JSON.parse(body.toString())).toMatchObject({ archiveId: 'a1', sha256CheckSum: site.sha256 });
  });
});
