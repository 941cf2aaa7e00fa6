import { startFaultySite, DOWNLOAD, RECORD, type FaultySite } from './site';

let site: FaultySite;

beforeEach(async () => (site = await startFaultySite()));
afterEach(() => site.close());

describe('instead of the file', () => {
  test('htmlPage gives a page with status 200', async () => {
    const { status, headers, body } = await site.meet({ fault: 'htmlPage' }, DOWNLOAD);

    expect(status).toBe(200);
    expect(headers['content-type']).toContain('text/html');
    expect(body.toString()).toMatch(/^<!DOCTYPE html>/);
  });

  test('jsonError gives an error with status 200', async () => {
    const { status, headers, body } = await site.meet({ fault: 'jsonError' }, DOWNLOAD);

    expect(status).toBe(200);
    expect(headers['content-type']).toContain('application/json');
    expect(JSON.parse(body.toString())).toMatchObject({ statusCode: 500 });
  });
});

describe('instead of the record', () => {
  test('invalidJson gives what is not JSON', async () => {
    const { status, headers, body } = await site.meet({ fault: 'invalidJson' }, RECORD);

    expect(status).toBe(200);
    expect(headers['content-type']).toContain('application/json');
    expect(() => void JSON.parse(body.toString())).toThrow(SyntaxError);
  });

  test('htmlPage gives a page where that is asked for', async () => {
    const { body } = await site.meet({ fault: 'htmlPage', endpoint: 'record' }, RECORD);

    expect(body.toString()).toMatch(/^<!DOCTYPE html>/);
  });

  test('hugeBody gives the record with much behind it', async () => {
    const { headers, body } = await site.meet({ fault: 'hugeBody', bytes: 3_000_000 }, RECORD);

    expect(headers['content-length']).toBe('3000000');
    expect(body).toHaveLength(3_000_000);
    expect(JSON.parse(body.toString())).toMatchObject({ archiveId: 'a1', sha256CheckSum: site.sha256 });
  });
});
