import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import { openPostgres } from '../../src/ledger/postgres';
import type { CreatedArchive } from '../../src/simulator';
import { matching } from '../simulator/matchers';
import { createDatabase } from '../support/postgres';
import type { Running } from '../support/processes';
import { BANK_TENANT, PLATFORM, startBankNetwork, STORAGE, type BankNetwork } from './bank-network';
import { expectClaimed } from './expect-claimed';
import { newSecret, TENANT } from './site';
import { claimOf, openTemporalSite, type TemporalSite } from './temporal-site';
import { findMarkers, tracesInTemporal, type Trace } from './traces';
import { until } from './until';

jest.setTimeout(240_000);

describe('a platform with a private authority, which only a proxy with a password reaches,', () => {
  let site: TemporalSite;
  let network: BankNetwork;
  let database: string;
  let gateway: Running;
  let worker: Running;
  let refused: CreatedArchive;
  beforeAll(async () => {
    database = await createDatabase();
    site = await openTemporalSite({
      ledger: database,
      env: { ARCHIVIST_LOG_LEVEL: 'trace' },
      tenant: BANK_TENANT,
      // Registered, and deleted before there is anything to deliver.
      config: { gateway: { host: '127.0.0.1', port: 0, publicUrl: 'https://1.2.3.4' } },
    });
    network = await startBankNetwork(site);
    await site.simulator.setFaults([{ fault: 'redirect', to: 'otherOrigin' }]);
    await site.done('setup');
    gateway = await site.start('gateway');
  });
  afterAll(async () => {
    await site.close();
    await network.close();
  });
  beforeEach(() => {
    network.seen.length = 0;
    network.proxy.asked.length = 0;
  });

  /** A copy of the configuration with other keys of the tenant. @returns the environment that names it */
  async function configure(name: string, keys: object): Promise<NodeJS.ProcessEnv> {
    const config = parse(await readFile(join(site.folder, 'archivist.yaml'), 'utf8')) as {
      readonly tenants: Readonly<Record<string, object>>;
    };
    const tenants = { [TENANT]: { ...config.tenants[TENANT], ...keys } };
    const file = join(site.folder, `${name}.yaml`);
    await writeFile(file, stringify({ ...config, tenants }));
    return { ARCHIVIST_CONFIG: file };
  }

  async function announce(archiveId: string): Promise<CreatedArchive> {
    const [archive] = await site.simulator.createArchives({ archiveId, size: 300_000 });
    return archive!;
  }

  async function expectClaimedThroughProxy(archive: CreatedArchive): Promise<void> {
    const { archiveId } = archive;
    await site.simulator.untilStatus(archiveId, 'ABANDONED', 120_000);
    expect(await claimOf(site, archiveId).result()).toMatchObject({ state: 'abandoned' });
    await expectClaimed(site, archive);
    expect(findMarkers(logs(), secrets())).toEqual([]);
    expect(new Set(network.proxy.asked)).toEqual(new Set([`${PLATFORM}:443`, `${STORAGE}:443`]));
    expect(new Set(network.seen)).toEqual(new Set([`${PLATFORM} archivist`, `${STORAGE} nobody`]));
    expect(await site.simulator.journal({ endpoint: 'foreignFile', archiveId })).toMatchObject([
      { statusCode: 200, apiKeySent: false, complete: true },
    ]);
  }

  const logs = (): readonly Trace[] => [
    { where: 'the gateway', text: gateway.output() },
    { where: 'the worker', text: worker.output() },
  ];
  const secrets = () => ({ password: network.password, apiKey: site.secrets.apiKey });

  async function outputOf(...args: readonly string[]): Promise<Trace> {
    const { stdout, stderr } = await site.run(...args);
    return { where: `archivist ${args.join(' ')}`, text: `${stdout}${stderr}` };
  }

  /** All rows of all tables. */
  async function ledgerAsText(): Promise<Trace> {
    const ledger = openPostgres(database);
    try {
      const tables = await ledger.query(
        `SELECT quote_ident(table_name) AS name FROM information_schema.tables WHERE table_schema = current_schema()`,
      );
      const texts = tables.map(async ({ name }) => {
        const rows = await ledger.query(`SELECT each::text AS row FROM ${String(name)} AS each`);
        return rows.map(({ row }) => String(row)).join('\n');
      });
      const text = (await Promise.all(texts)).join('\n');
      expect(text).toContain('second');
      return { where: 'the ledger', text };
    } finally {
      await ledger.close();
    }
  }

  it.each<[string, object, RegExp]>([
    ['proxy', { proxy: 'none' }, /ENOTFOUND/],
    ['ca', { ca: undefined }, /SELF_SIGNED_CERT_IN_CHAIN/],
    ['clientCertificate', { clientCertificate: undefined }, /UND_ERR_SOCKET|CERTIFICATE_REQUIRED/],
  ])('answers no command whose configuration lacks `%s`', async (name, keys, problem) => {
    const lacking = site.with(await configure(`without-${name}`, keys));
    const { code, stderr } = await lacking.run('webhook', 'list');
    expect({ code, stderr }).toEqual({ code: 1, stderr: matching(problem) });
    expect(network.seen).toEqual([]);
  });

  it('registers, lists and deletes a subscription through the proxy', async () => {
    expect(await site.done('webhook', 'register')).toContain('the platform lists it');
    expect(await site.done('webhook', 'list')).toContain('https://1.2.3.4/');
    expect(await site.done('webhook', 'delete', '--all-ours', '--yes')).toContain('deleted');
    expect(new Set(network.seen)).toEqual(new Set([`${PLATFORM} archivist`]));
    await site.subscribe(gateway);
  });

  it('has its archives claimed, downloaded and abandoned through the proxy', async () => {
    worker = await site.start('worker');
    await expectClaimedThroughProxy(await announce('first'));
    expect(await site.done('reconcile')).toBe('acme  1 listed: nothing to do\n');
  });

  it('keeps a claim waiting while the password is wrong, and failures name the proxy and no secret', async () => {
    await worker.stop();
    const wrong = `wr@ng:${newSecret()}`;
    await network.configureProxy(wrong);
    worker = await site.start('worker');
    refused = await announce('second');
    await until('the claim to fail', async () =>
      (await outputOf('status', 'second')).text.includes('failure'),
    );
    const shown = [
      await outputOf('status', 'second'),
      await outputOf('webhook', 'list'),
      await outputOf('reconcile'),
    ];
    const problem = `407 at the proxy 127.0.0.1:${network.proxy.port}`;
    for (const { where, text } of shown) expect({ where, text }).toEqual({ where, text: matching(problem) });
    expect(network.seen).toEqual([]);
    expect(worker.output()).toContain(problem);
    const traces = [...shown, ...logs(), ...(await tracesInTemporal(site, 'second')), await ledgerAsText()];
    const markers = { ...secrets(), wrong };
    expect(findMarkers(traces, markers)).toEqual([]);
    const configured = { where: 'the configuration', text: network.address(wrong) };
    expect(findMarkers([configured], markers)).toEqual(['wrong in the configuration']);
  });

  it('has the waiting claim finished once the password is right', async () => {
    await worker.stop();
    await network.configureProxy();
    worker = await site.start('worker');
    await expectClaimedThroughProxy(refused);
  });

  it('is reached through the proxy that the environment names, too', async () => {
    await worker.stop();
    const env = {
      ...(await configure('environment', { proxy: undefined })),
      https_proxy: undefined,
      no_proxy: undefined,
      HTTPS_PROXY: network.address(),
      NO_PROXY: 'other.bank.invalid',
    };
    worker = await site.with(env).start('worker');
    await expectClaimedThroughProxy(await announce('third'));
    const direct = { ...env, NO_PROXY: `other.bank.invalid,${PLATFORM}` };
    expect(await site.with(direct).run('webhook', 'list')).toMatchObject({
      code: 1,
      stderr: matching('(ENOTFOUND)'),
    });
  });
});
