import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { faultRule, type FaultRule } from '../../../src/simulator';
import { LIST, ABANDON, DOWNLOAD, RECORD, startFaultySite, type FaultySite } from './site';

const DOWN: FaultRule = { fault: 'status', statusCode: 503 };

let site: FaultySite;

beforeEach(async () => (site = await startFaultySite()));
afterEach(() => site.close());

async function statusOf(path: string): Promise<number> {
  return (await site.ask(path)).status;
}

async function statusesOf(path: string, count: number): Promise<readonly number[]> {
  const statuses: number[] = [];
  while (statuses.length < count) statuses.push(await statusOf(path));
  return statuses;
}

describe('the control API', () => {
  test('sets, replaces and removes faults', async () => {
    await site.simulator.setFaults([DOWN]);
    expect(await statusOf(RECORD)).toBe(503);

    await site.simulator.setFaults([{ ...DOWN, statusCode: 410 }]);
    expect(await statusOf(RECORD)).toBe(410);

    await site.simulator.clearFaults();
    expect(await statusOf(RECORD)).toBe(200);
  });

  test('removes faults with a reset', async () => {
    await site.simulator.setFaults([DOWN]);
    await site.simulator.reset();

    expect(await statusOf(LIST)).toBe(200);
  });

  test.each<[string, object]>([
    ['fault', { fault: 'flood' }],
    ['statusCode', { fault: 'status', statusCode: 200 }],
    ['after', { fault: 'reset', after: 1.5 }],
    ['endpoint', { fault: 'emptyList', endpoint: 'record' }],
    ['probability', { fault: 'reset', probability: 2 }],
    ['times', { fault: 'reset', times: 0 }],
    ['extra', { fault: 'reset', extra: 1 }],
  ])('refuses an invalid %s, and names it', async (field, rule) => {
    await expect(site.simulator.setFaults([rule as FaultRule])).rejects.toThrow(field);
  });

  test('gives archives their own faults', async () => {
    await site.simulator.createArchives({
      archiveId: 'own',
      count: 2,
      size: 1024,
      faults: [{ fault: 'status', statusCode: 503, endpoint: 'record', times: 1 }],
    });

    expect(await statusesOf('/archives/archives/own-1', 2)).toEqual([503, 200]);
    expect(await statusesOf('/archives/archives/own-2', 2)).toEqual([503, 200]);
    expect(await statusOf(RECORD)).toBe(200);
  });

  test('refuses another archive in the faults of an archive', async () => {
    const faults: FaultRule[] = [{ ...DOWN, archiveId: 'a1' }];

    await expect(site.simulator.createArchives({ faults })).rejects.toThrow('archiveId');
  });
});

describe('a rule', () => {
  test('applies as often as it says, and then the next one does', async () => {
    await site.simulator.setFaults([
      { ...DOWN, times: 2 },
      { fault: 'status', statusCode: 429, times: 1 },
    ]);

    expect(await statusesOf(RECORD, 4)).toEqual([503, 503, 429, 200]);
  });

  test('applies only to its endpoint', async () => {
    await site.simulator.setFaults([{ ...DOWN, endpoint: 'record' }]);

    expect(await statusOf(RECORD)).toBe(503);
    expect(await statusOf(LIST)).toBe(200);
    expect(await statusOf(DOWNLOAD)).toBe(200);
  });

  test('applies only to its archive, and to the abandon of its conference', async () => {
    await site.simulator.createArchives({ archiveId: 'a2', conferenceId: 'c2', size: 1024 });
    await site.simulator.untilStatus('a2', 'AVAILABLE');
    await site.simulator.setFaults([{ ...DOWN, archiveId: 'a2' }]);

    expect(await statusOf('/archives/archives/a2')).toBe(503);
    expect(await statusOf(RECORD)).toBe(200);
    expect(await statusOf(LIST)).toBe(200);
    const path = '/conferences/conferences/c2/archive/abandon';
    expect((await site.ask(path, { method: 'POST' })).status).toBe(503);
    expect((await site.ask(ABANDON, { method: 'POST' })).status).toBe(200);
  });

  test('of an archive has priority over those for all', async () => {
    await site.simulator.createArchives({ archiveId: 'a2', faults: [{ ...DOWN, times: 1 }] });
    await site.simulator.setFaults([{ fault: 'status', statusCode: 429 }]);

    expect(await statusesOf('/archives/archives/a2', 2)).toEqual([503, 429]);
  });

  test('is not used up by a response that it cannot affect', async () => {
    await site.simulator.setStatus('a1', { status: 'PACKING' });
    await site.simulator.setFaults([{ fault: 'flipBit', times: 1 }]);
    expect(await statusOf(DOWNLOAD)).toBe(409);

    await site.simulator.setStatus('a1', { status: 'AVAILABLE' });
    const bodies = [(await site.ask(DOWNLOAD)).body, (await site.ask(DOWNLOAD)).body];
    expect(bodies.map((body) => body.equals(site.bytes))).toEqual([false, true]);
    expect((await site.requests(3)).map(({ fault }) => fault)).toEqual([undefined, 'flipBit', undefined]);
  });

  test('does not apply to requests without a key', async () => {
    await site.simulator.setFaults([DOWN]);

    expect((await site.ask(RECORD, { headers: { 'api-key': 'wrong' } })).status).toBe(401);
  });

  test('applies only once if it says so, even with many concurrent requests', async () => {
    await site.simulator.setFaults([{ fault: 'noChecksum', times: 1 }]);

    const answers = await Promise.all(Array.from({ length: 20 }, () => site.ask(RECORD)));
    const struck = answers.filter(({ body }) => !body.includes('sha256CheckSum'));
    expect(struck).toHaveLength(1);
  });
});

describe('the documentation', () => {
  test('explains every fault', async () => {
    const page = await readFile(join(__dirname, '..', '..', '..', 'docs', 'simulator.md'), 'utf8');
    const names = faultRule.options.map(({ shape }) => shape.fault.value);

    expect(names.length).toBeGreaterThan(30);
    expect(names.filter((name) => !page.includes(`\`${name}\``))).toEqual([]);
  });
});

describe('the probability', () => {
  const RULE: FaultRule = { ...DOWN, endpoint: 'record', probability: 0.5 };

  test('produces the same faults for the same seed, and others for another', async () => {
    const draws: (readonly number[])[] = [];
    for (const seed of ['one', 'one', 'two']) {
      await site.simulator.setFaults([RULE], { seed });
      draws.push(await statusesOf(RECORD, 32));
    }

    expect(draws[1]).toEqual(draws[0]);
    expect(draws[2]).not.toEqual(draws[0]);
    const struck = draws[0]!.filter((status) => status === 503).length;
    expect(struck).toBeGreaterThan(6);
    expect(struck).toBeLessThan(26);
  });

  test('produces the same faults for an archive, whatever is requested in between', async () => {
    await site.simulator.setFaults([RULE], { seed: 'one' });
    const alone = await statusesOf(RECORD, 16);

    await site.simulator.setFaults([RULE], { seed: 'one' });
    const among: number[] = [];
    for (let index = 0; index < 16; index += 1) {
      await statusesOf('/archives/archives/another', index % 3);
      among.push(await statusOf(RECORD));
    }

    expect(among).toEqual(alone);
  });

  test.each([
    [0, [200, 200, 200, 200]],
    [1, [503, 503, 503, 503]],
  ])('%d means never or always', async (probability, statuses) => {
    await site.simulator.setFaults([{ ...RULE, probability }]);

    expect(await statusesOf(RECORD, 4)).toEqual(statuses);
  });
});
