import type { ArchiveKey } from '../../src/domain/ids';
import { createLedger } from '../../src/ledger/create-ledger';
import type { Ledger } from '../../src/ledger/ledger';
import { newKey, securedArchive } from './archives';
import { withDatabase } from '../support/postgres';

withDatabase((database) => {
  let ledger: Ledger;
  beforeAll(() => {
    ledger = createLedger(database());
  });

  async function secured(): Promise<ArchiveKey> {
    const key = newKey();
    await ledger.progress(key, 'verifying');
    await ledger.secure(key, securedArchive());
    return key;
  }

  async function abandoned(): Promise<ArchiveKey> {
    const key = await secured();
    await ledger.abandon(key, 'ABANDONED');
    return key;
  }

  it('gives what is secured page by page, each once', async () => {
    const keys = await Promise.all(Array.from({ length: 7 }, secured));
    await ledger.progress(newKey(), 'verifying');
    const found: ArchiveKey[] = [];
    for (let after: ArchiveKey | undefined; ; after = found.at(-1)) {
      const page = await ledger.listSecured({ limit: 3, ...(after && { after }) });
      expect(page.length).toBeLessThanOrEqual(3);
      if (page.length === 0) break;
      found.push(...page);
      for (const entry of page) expect(entry.securedAt).toBeInstanceOf(Date);
    }
    const ids = found.map(({ archiveId }) => archiveId);
    expect(ids).toEqual([...new Set(ids)].sort());
    expect(ids).toEqual(expect.arrayContaining(keys.map(({ archiveId }) => archiveId)));
    expect(await ledger.listSecured({ limit: 3, tenant: 'nobody' as never })).toEqual([]);
  });

  it('counts the entries in each state', async () => {
    const before = await ledger.count();
    await Promise.all([secured(), secured(), abandoned()]);
    const after = await ledger.count();
    expect(after.secured - before.secured).toBe(2);
    expect(after.abandoned - before.abandoned).toBe(1);
    expect(after.missed).toBe(0);
  });

  it('lists and counts with those that need a person what needs one after it was secured', async () => {
    const before = await ledger.count();
    const key = await abandoned();
    await ledger.needAttention(key, 'CopyDamaged');
    const [listed] = await ledger.list({ state: 'attention', limit: 1 });
    expect(listed).toMatchObject({ archiveId: key.archiveId, state: 'abandoned', attention: 'CopyDamaged' });
    const after = await ledger.count();
    expect(after.attention - before.attention).toBe(1);
    expect(after.abandoned).toBe(before.abandoned);
  });
});
