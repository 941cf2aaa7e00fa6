import type { ClaimActor } from './actors';
import { fail, toSet, unlock, type Context } from './context';
import { A, ARCHIVES, B, bit, nameOf, type Archive, type Progress, type Row, type State } from './state';

/** What keeps the conference from being abandoned. */
export function judge(
  c: Context,
  conference: number,
  own: Archive,
  isMine: (row: Row | undefined) => boolean,
): string | undefined {
  const { s, rules, scenario } = c;
  if (!isMine(s.rows[own])) return 'fenced off';
  if (rules.oneFlight && s.flights.some((f) => !f.over && f.conference === conference)) return 'in flight';
  let latest = 0;
  for (const y of ARCHIVES) {
    const row = s.rows[y];
    if (!row || (row.told && !(rules.restored && row.back)) || (!rules.members && y !== own)) continue;
    if (!(row.conferences & bit(conference)) && !(rules.unknownBlocks && row.conferences === 0)) continue;
    if (row.conferences === 0) return 'a conference is unknown';
    if (!row.secured && (rules.failedCounts || !row.failed)) return `${nameOf(y)} not secured`;
    if ((rules.held && row.held) || (rules.decided && row.decided) || (rules.fixity && !row.fixityOk))
      return `${nameOf(y)} held, decided or damaged`;
    if (rules.warning && row.warned) return `${nameOf(y)} has a warning that nobody accepted`;
    if (rules.copyOnly && scenario.copyOnly === true && !row.wanted)
      return `${nameOf(y)} not ordered to be abandoned`;
    latest = Math.max(latest, row.changedAt);
  }
  return !rules.listFresh || s.list >= latest ? undefined : 'list too old';
}

/** The flight appears, and with it what its judgement may rightly cover. */
export function openFlight(
  c: Context,
  i: number,
  next: State,
  progress: Progress,
  { x, run, attempt }: Required<Omit<ClaimActor, 'name'>>,
): void {
  const { s, scenario } = c;
  const { conference } = progress;
  const isForbidden = (y: Archive): boolean => {
    const row = s.rows[y];
    const isBound = (s.mustBeJudged[conference === 0 ? A : B] & bit(y)) !== 0;
    const wasMember = row !== undefined && ((s.ever[y] & bit(conference)) !== 0 || row.conferences === 0);
    return (isBound || wasMember) && !isSafe(row, scenario.copyOnly === true);
  };
  if (s.rows[x]!.run > run) fail('I5', 'an older run opened a flight');
  if (s.rows[x]!.attempt > attempt)
    fail('I5', 'an older attempt opened a flight although a later attempt had begun');
  next.flights.push({
    conference,
    members: toSet(ARCHIVES.filter((y) => ((s.rows[y]?.conferences ?? 0) & bit(conference)) !== 0)),
    owner: i,
    over: false,
    settled: false,
    sent: false,
    refused: false,
    covers: toSet(ARCHIVES.filter((y) => !isForbidden(y))),
  });
  unlock(next, i);
  progress.value = next.flights.length - 1;
}

/** What a judgement must have seen of an archive that its request may reach. */
function isSafe(row: Row | undefined, isCopyOnly: boolean): boolean {
  if (row === undefined) return false;
  if (row.told && !row.back) return true;
  return (
    row.secured && !row.held && !row.decided && row.fixityOk && !row.warned && (!isCopyOnly || row.wanted)
  );
}

export function isMember(row: Row | undefined, conference: number): boolean {
  return row !== undefined && ((row.conferences & bit(conference)) !== 0 || row.conferences === 0);
}
