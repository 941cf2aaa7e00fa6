import { expiryTerms } from '../../src/activities/claim/facts';
import { parseConfig } from '../../src/config/load-config';
import { parseArchiveId, parseTenantId, type ArchiveKey, type TenantId } from '../../src/domain/ids';
import type { Database } from '../../src/ledger/postgres';
import { Actor } from './actor';
import type { Connections } from './connections';
import { FakePlatform, type FakeArchive } from './fake-platform';
import { FakeStore } from './fake-store';
import { Oracle } from './oracle';
import { Draws, type Schedule } from './schedule';
import { Scheduler } from './scheduler';
import type { Row } from './watched';

const DAY_MS = 25 * 60 * 60_000;

const WATCH = `
SELECT archive_id, state, told_at, secured_at, held_at, decision, fixity_ok, fence_at::text, run_id, step, attempt
FROM archives WHERE tenant = $1 ORDER BY archive_id`;

/** A day passes: everything that is recorded is a day older. */
const AGE = [
  "UPDATE abandons SET begun_at = begun_at - interval '25 hours' WHERE tenant = $1",
  `UPDATE lists SET begun_at = begun_at - interval '25 hours', ended_at = ended_at - interval '25 hours',
    lease_until = lease_until - interval '25 hours' WHERE tenant = $1`,
  `UPDATE archives SET secured_at = secured_at - interval '25 hours', released_at = released_at - interval '25 hours',
    abandon_wanted_at = abandon_wanted_at - interval '25 hours', fixity_at = fixity_at - interval '25 hours',
    ended_at = ended_at - interval '25 hours' WHERE tenant = $1`,
];

/** One run: a tenant of its own, its platform and store, and everybody who acts on them. */
export class World {
  readonly random: Draws;
  readonly tenant: TenantId;
  readonly platform: FakePlatform;
  readonly store = new FakeStore();
  readonly scheduler: Scheduler;
  readonly oracle: Oracle;
  readonly settings;
  readonly expiry;
  readonly actors: Actor[] = [];
  /** How often which failures were seen. */
  readonly failures = new Map<string, number>();
  /** Runs of claims that a later one has ended. */
  readonly closedRuns = new Set<string>();
  readonly #openRuns = new Map<string, string>();
  aheadMs = 0;
  #timeouts: { readonly at: number; readonly end: AbortController }[] = [];
  #count = 0;

  constructor(
    schedule: Schedule,
    private readonly connections: Connections,
    isCopyOnly: boolean,
  ) {
    this.random = new Draws(schedule);
    this.tenant = parseTenantId(`run-${schedule.seed}-${connections.mark()}`);
    this.platform = new FakePlatform(this.random);
    this.scheduler = new Scheduler(this.random, () => connections.countWaiting());
    const isSafe = (archiveId: string, sha256: string) => this.store.isSafe(archiveId, sha256);
    this.oracle = new Oracle(isSafe, isCopyOnly);
    const tenants = { [this.tenant]: { baseUrl: 'http://127.0.0.1:1', apiKey: 'none' } };
    const config = parseConfig(JSON.stringify({ tenants }), '/archivist.yaml', {});
    this.settings = { ...config.claim, abandon: !isCopyOnly };
    this.expiry = expiryTerms(config.expiry);
    this.platform.onEffect = ({ archiveId }, request) => this.oracle.abandoned(archiveId, request);
    this.store.onReplaced = (archiveId, { bytes }) =>
      this.oracle.replaced(archiveId, bytes.equals(this.platform.archives.get(archiveId)?.bytes ?? bytes));
  }

  keyOf(archiveId: string): ArchiveKey {
    return { tenant: this.tenant, archiveId: parseArchiveId(archiveId) };
  }

  appear(archiveId: string, conferenceId: string, status = 'AVAILABLE'): ArchiveKey {
    const { sha256 } = this.platform.add(archiveId, conferenceId, status);
    this.oracle.appeared(archiveId, conferenceId, sha256);
    return this.keyOf(archiveId);
  }

  /** The archive changes its conference. */
  move(archive: FakeArchive): void {
    archive.conferenceId = archive.conferenceId === 'one' ? 'other' : 'one';
    this.oracle.moved(archive.archiveId, archive.conferenceId);
  }

  /** A process of its own. */
  actor(name: string): Actor {
    this.#count += 1;
    const actor = new Actor(this, `${String(this.#count).padStart(2, '0')} ${name}`, this.#connection());
    this.actors.push(actor);
    return actor;
  }

  get database(): Database {
    return this.connections.watcher;
  }

  isOpen(archiveId: string): boolean {
    return this.#openRuns.has(archiveId);
  }

  endRun(archiveId: string, runId: string): void {
    if (this.#openRuns.get(archiveId) === runId) this.#openRuns.delete(archiveId);
  }

  /** At most one run of a claim is open. */
  beginRun(archiveId: string, runId: string): void {
    const before = this.#openRuns.get(archiveId);
    if (before !== undefined) this.closedRuns.add(before);
    this.#openRuns.set(archiveId, runId);
  }

  advance(ms: number): void {
    this.aheadMs += ms;
    for (const { at, end } of this.#timeouts) if (at <= this.aheadMs) end.abort();
    this.#timeouts = this.#timeouts.filter(({ at }) => at > this.aheadMs);
  }

  timeout(ms: number): AbortSignal {
    const end = new AbortController();
    this.#timeouts.push({ at: this.aheadMs + ms, end });
    return end.signal;
  }

  /** No request that was sent before is acted on any more. */
  async passDay(): Promise<void> {
    this.advance(DAY_MS);
    for (const request of this.platform.received) request.isOver = true;
    for (const text of AGE) await this.database.query(text, [this.tenant]);
  }

  async watch(): Promise<void> {
    this.oracle.now += 1;
    this.oracle.rows((await this.database.query(WATCH, [this.tenant])) as unknown as readonly Row[]);
  }

  /** What somebody failed with who is no activity. */
  report(error: unknown): void {
    const type = error instanceof Error && 'type' in error ? String(error.type) : 'Unexpected';
    this.failures.set(type, (this.failures.get(type) ?? 0) + 1);
    if (type === 'Unexpected')
      this.oracle.violations.push(`unexpected: ${error instanceof Error ? error.stack : ''}`);
  }

  #connection(): Database {
    const taken = new Set(
      this.actors.filter(({ isDead, hasEnded }) => !isDead && !hasEnded).map(({ database }) => database),
    );
    return this.connections.free((database) => !taken.has(database) && !this.scheduler.isBusy(database));
  }
}
