import { Looks } from './looks';
import { isKnown, keyOf, type Row, type Watched } from './watched';

/** What only the attempt that owns the row may do, and how that is answered. */
const OWNERS_ONLY: Readonly<Record<string, readonly string[]>> = {
  'ledger.intend': ['intended'],
  'ledger.secureCopy': ['secured', 'repaired'],
  'ledger.noteBadCopy': ['taken'],
};

/** Judges after each step what must always hold. */
export class Oracle {
  readonly violations: string[] = [];
  /** Counted by the scheduler's steps. */
  now = 0;
  readonly #archives = new Map<string, Watched>();
  readonly #looks = new Looks();
  /** By actor and archive, when it last asked for the record and got it. */
  readonly #recordsRead = new Map<string, number>();
  readonly #listsBegun = new Map<string, number>();
  /**
   * By its arguments, when a call was issued. What a call changes counts from then: its statement writes the time before it waits for
   * the chain's lock, and whoever was not answered yet cannot tell the order of the two.
   */
  readonly #issued = new WeakMap<readonly unknown[], number>();
  #latestWholeList = -1;
  readonly #oldLists: string[] = [];
  /** By flight, the latest whole list when it was authorised. */
  readonly #reliedOn = new Map<string, number>();

  constructor(
    private readonly isSafe: (archiveId: string, sha256: string) => boolean,
    private readonly isCopyOnly: boolean,
  ) {}

  appeared(archiveId: string, conferenceId: string, sha256: string): void {
    const never = { changedAt: -1, movedAt: -1, knownAt: -1, vanishedAt: -1 };
    const nothing = { abandonedByUs: false, held: false, ended: false, wanted: false };
    this.#archives.set(archiveId, { sha256, conferenceId, joinedAt: this.now, ...never, ...nothing });
  }

  moved(archiveId: string, conferenceId: string): void {
    Object.assign(this.#of(archiveId), { conferenceId, joinedAt: this.now, movedAt: this.now });
  }

  vanished(archiveId: string): void {
    this.#of(archiveId).vanishedAt = this.now;
  }

  /** A call of the product, when it is issued. */
  sees(actor: string, point: string, args: readonly unknown[]): void {
    this.#issued.set(args, this.now);
    const [key] = args as [{ readonly archiveId?: string } | undefined];
    this.#looks.sees(actor, point, key?.archiveId, this.now);
    if (point === 'ledger.conclude' && key?.archiveId !== undefined) this.#decides(actor, key.archiveId);
    if (point === 'ledger.orderAbandon')
      for (const archiveId of args[1] as readonly string[])
        Object.assign(this.#of(archiveId), { wanted: true, ...(this.isCopyOnly && { changedAt: this.now }) });
  }

  seesResult(actor: string, point: string, args: readonly unknown[], result: unknown): void {
    const issuedAt = this.#issued.get(args) ?? this.now;
    if (point === 'ledger.beginList' && typeof result === 'string') this.#listsBegun.set(result, this.now);
    if (point === 'ledger.endList' && result === true && args[1] === true)
      this.#latestWholeList = Math.max(this.#latestWholeList, this.#listsBegun.get(args[0] as string) ?? -1);
    const [key, fence, terms] = args as [
      { readonly archiveId: string },
      { readonly at: number },
      { readonly flightId: string; readonly conferenceId?: string },
    ];
    if (point === 'platform.fetchRecord') this.#recordsRead.set(`${actor} ${key.archiveId}`, issuedAt);
    if (point === 'ledger.secureCopy' && ['secured', 'repaired'].includes(String(result))) {
      this.#of(key.archiveId).changedAt = issuedAt;
      this.#looks.proven(key.archiveId, issuedAt);
    }
    if (point === 'ledger.writeOrder' && isRelease(args[1], result))
      this.#of(key.archiveId).changedAt = issuedAt;
    if (OWNERS_ONLY[point]?.includes(String(result)) === true)
      this.#requireOwner(point, key.archiveId, fence.at);
    if (point !== 'ledger.intend' || result !== 'intended') return;
    this.#reliedOn.set(terms.flightId, this.#latestWholeList);
    this.#noteOldList(terms.conferenceId);
  }

  /** The row, as it was before this step, belonged to no later attempt. */
  #requireOwner(point: string, archiveId: string, at: number): void {
    if (Number(this.#of(archiveId).row?.fence_at ?? 0) > at)
      this.#violated(`an attempt that a later one had overtaken did ${point} of ${archiveId}`);
  }

  /** Members whose latest change is later than the list that a judgement relied on; told ones are none, which the rows will show. */
  #noteOldList(conferenceId: string | undefined): void {
    for (const [member, archive] of this.#archives)
      if (archive.conferenceId === conferenceId && archive.movedAt <= this.#latestWholeList)
        if (archive.changedAt > this.#latestWholeList) this.#oldLists.push(member);
  }

  /** The platform made an archive ABANDONED because of a request of ours. */
  abandoned(
    archiveId: string,
    request: { readonly owner: string; readonly flightId: string | undefined },
  ): void {
    const archive = this.#of(archiveId);
    archive.abandonedByUs = true;
    const { held, ended } = archive;
    if ((held || ended) && isKnown(archive))
      this.#violated(`${archiveId} abandoned after a person was answered "${held ? 'held' : 'given up'}"`);
    if (request.flightId === undefined)
      this.#violated(`${archiveId} abandoned by a request that nothing authorised`);
    // What joined the conference after the list was read is not knowable.
    if (archive.joinedAt > (this.#reliedOn.get(request.flightId ?? '') ?? -1)) return;
    if (this.isCopyOnly && !archive.wanted)
      this.#violated(`${archiveId} abandoned in copy-only mode, without an order`);
    const lookedAt = this.#looks.latestOf(request.owner, archiveId);
    const vanishedLater = archive.vanishedAt >= 0 && lookedAt >= 0 && archive.vanishedAt >= lookedAt;
    if (!this.isSafe(archiveId, archive.sha256) && !vanishedLater)
      this.#violated(`${archiveId} abandoned without a safe copy`);
  }

  /** A person takes back what was ordered, or is about to. */
  takesBack(archiveId: string): void {
    Object.assign(this.#of(archiveId), { held: false, ended: false });
  }

  answered(actor: string, archiveId: string, kind: string, answer: string): void {
    if (answer !== 'confirmed') return;
    const archive = this.#of(archiveId);
    this.#decides(actor, archiveId);
    if (archive.abandonedByUs && isKnown(archive))
      this.#violated(`"${kind}" confirmed of ${archiveId}, which the platform was told already`);
    if (kind === 'hold') archive.held = true;
    else archive.ended = true;
  }

  /** A bag left its place for another one. One that the ledger does not call good may go for one that was proven. */
  replaced(archiveId: string, isRight: boolean): void {
    const { row } = this.#of(archiveId);
    if (isRight && row?.secured_at !== null && row?.fixity_ok === true)
      this.#violated(`a good bag of ${archiveId} was moved aside`);
  }

  /** The rows, as they are committed now. */
  rows(rows: readonly Row[]): void {
    for (const row of rows) {
      const archive = this.#of(row.archive_id);
      if (archive.row !== undefined) this.#compare(archive, archive.row, row);
      const name = row.archive_id;
      if (row.state === 'failed' && row.secured_at !== null && archive.abandonedByUs && isKnown(archive))
        this.#violated(`${name} is shown as failed, and the platform was told`);
      if (row.told_at !== null && row.state === 'secured')
        this.#violated(`${name} was told, and is shown as secured`);
      if (archive.held && row.held_at === null) this.#violated(`the hold of ${name} was undone`);
      if (archive.ended && row.decision === null) this.#violated(`the decision about ${name} was undone`);
      if (row.secured_at !== null && row.fixity_ok === false && archive.vanishedAt < 0)
        this.#violated(`the copy of ${name} is called damaged, and never was`);
      archive.row = row;
    }
    for (const member of this.#oldLists.splice(0))
      if (this.#of(member).row?.told_at === null)
        this.#violated(`a judgement relied on a list from before ${member} was secured, released or ordered`);
  }

  #compare({ ended }: Watched, before: Row, now: Row): void {
    const name = now.archive_id;
    if (before.told_at !== null && now.told_at === null)
      this.#violated(`${name} was told, and is not any more`);
    if (before.secured_at !== null && now.secured_at === null)
      this.#violated(`${name} was secured, and is not any more`);
    if (keyOf(now) < keyOf(before)) this.#violated(`the fence of ${name} was lowered`);
    if (ended && before.state === 'failed' && !['failed', 'abandoned'].includes(now.state))
      this.#violated(`${name} was given up, and is ${now.state}`);
    if (['abandoned', 'closed'].includes(before.state) && !['abandoned', 'closed'].includes(now.state))
      this.#violated(`${name} went from ${before.state} back to ${now.state}`);
  }

  #decides(actor: string, archiveId: string): void {
    this.#of(archiveId).knownAt = this.#recordsRead.get(`${actor} ${archiveId}`) ?? -1;
  }

  #of(archiveId: string): Watched {
    const archive = this.#archives.get(archiveId);
    if (archive === undefined) throw new Error(`Nobody made ${archiveId}.`);
    return archive;
  }

  #violated(what: string): void {
    this.violations.push(what);
  }
}

function isRelease(order: unknown, look: unknown): boolean {
  return (
    (order as { readonly kind: string }).kind === 'release' && (look as { readonly written: boolean }).written
  );
}
