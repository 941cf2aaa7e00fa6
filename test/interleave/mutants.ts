import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

/** One function of the ledger with a rule removed: what is replaced, and by what. */
export interface Mutant {
  readonly name: string;
  readonly of: string;
  readonly replacements: readonly (readonly [string, string])[];
}

const MIGRATIONS = path.join(__dirname, '../../src/ledger/migrations');
const OWNS_ROW =
  '(f_at, f_run COLLATE "C", f_step, f_attempt) = (r.fence_at, r.run_id, r.step, r.attempt) AND';
const MAY_TAKE =
  '(f_at, f_run COLLATE "C", f_step, f_attempt) >= (r.fence_at, r.run_id, r.step, r.attempt)\n    AND';

const UNSEEN = "WHEN (j.members <@ array_append(looked_at, own)) IS NOT TRUE THEN 'unseen'";

const mutant = (name: string, of: string, ...replacements: (readonly [string, string])[]): Mutant => ({
  name,
  of,
  replacements,
});

/** After the model's: each rule is one that a statement implements. */
export const MUTANTS: readonly Mutant[] = [
  mutant('no run fence', 'may_take', [MAY_TAKE, 'true AND']),
  mutant('no attempt fence', 'owns', [OWNS_ROW, 'f_run COLLATE "C" = r.run_id AND']),
  mutant('members unchecked', 'intend', [
    '(archive_id = own OR is_member(conference_ids, told_at, platform_status, c));',
    'archive_id = own;',
  ]),
  mutant('hold unchecked', 'intend', ['bool_and(held_at IS NULL)', 'true']),
  mutant(
    'a decision unchecked',
    'intend',
    ['bool_and(decision IS NULL)', 'true'],
    // What was given up is shown as failed, which would keep it from the abandon, too.
    ['bool_and(is_kept(state, told_at) AND', "bool_and(state IN ('secured', 'failed') AND"],
    // Nor was it looked at.
    [UNSEEN, ''],
  ),
  mutant('the last fixity check ignored', 'intend', [' AND fixity_ok IS TRUE)', ')']),
  mutant(
    'copy-only mode ignored',
    'intend',
    ['copy_only IS FALSE OR abandon_wanted_at IS NOT NULL', 'true'],
    // Nor was it looked at.
    [UNSEEN, ''],
  ),
  mutant('an old list accepted', 'intend', ['l.begun_at >= j.changed_at AND', '']),
  mutant('rows judged without locks', 'intend', ['ORDER BY archive_id FOR UPDATE', 'ORDER BY archive_id']),
  mutant("no members' lock at the judgement", 'intend', [
    'PERFORM pg_advisory_xact_lock(members_key(t));',
    '',
  ]),
  mutant("no members' lock at an insert", 'lock_members_for', [
    'PERFORM pg_advisory_xact_lock_shared(members_key(t));',
    'NULL;',
  ]),
  mutant(
    'hold in one statement',
    'order_hold',
    [
      'written boolean := false;',
      'written boolean := false;\n  early order_look := look(t, a, true);\n  late order_look;',
    ],
    [
      'RETURN look(t, a, written);',
      `late := look(t, a, written);
  IF early.was_shown THEN
    late.is_told := early.is_told; late.flights_open := early.flights_open; late.flights_ever := early.flights_ever;
  END IF;
  RETURN late;`,
    ],
  ),
  mutant('an order looks by member only', 'look', ['OR conference_id = ANY (r.conference_ids)', '']),
  mutant('a flight is withdrawn when a later attempt begins', 'take_step', [
    'moves := next_state',
    `UPDATE abandons SET over_at = clock_timestamp(), outcome = 'settled' WHERE tenant = t AND archive_id = a AND over_at IS NULL;
  moves := next_state`,
  ]),
  mutant('told ends the flight', 'note_told', [
    'RETURN told;',
    `UPDATE abandons SET over_at = clock_timestamp(), outcome = 'settled' WHERE tenant = t AND over_at IS NULL AND NOT EXISTS (
    SELECT FROM archives AS k WHERE k.tenant = t AND k.archive_id = ANY (members) AND k.told_at IS NULL
  );
  RETURN told;`,
  ]),
  mutant('what is in flight is taken for decided', 'look', [
    'count(*) FILTER (WHERE touching.over_at IS NULL)',
    '0',
  ]),
  mutant('a decision is forgotten by the next claim', 'begin_claim', [
    "IF r.decision IN ('giveUp', 'cancelled')",
    'IF false',
  ]),
  mutant(
    'membership overwritten',
    'note_shown',
    ['array_prepend(conference, array_remove(was.conference_ids, conference))', 'ARRAY[conference]'],
    ['array_append(was.conference_ids, conference)', 'ARRAY[conference]'],
  ),
  mutant(
    'FAILED is taken for gone',
    'intend',
    ['bool_and(is_kept(state, told_at) AND', "bool_and(state <> 'secured' OR state = 'secured' AND"],
    // What has no copy has no fixity check either.
    [
      'coalesce(fixity_at BETWEEN clock_timestamp() - fresh AND clock_timestamp(), false)',
      'coalesce(fixity_at BETWEEN clock_timestamp() - fresh AND clock_timestamp(), true)',
    ],
    // Nor was it looked at.
    [UNSEEN, ''],
  ),
];

/** The statement that puts the mutant in the function's place. @throws Error if the function does not have what is to be replaced */
export function mutantStatement({ name, of, replacements }: Mutant): string {
  const all = readdirSync(MIGRATIONS).map((file) => readFileSync(path.join(MIGRATIONS, file), 'utf8'));
  const begin = `CREATE FUNCTION ${of}(`;
  const source = all.find((text) => text.includes(begin));
  if (source === undefined) throw new Error(`There is no function ${of}.`);
  const from = source.indexOf(begin);
  let text = source
    .slice(from, source.indexOf('\n$$;', from) + 4)
    .replace('CREATE FUNCTION', 'CREATE OR REPLACE FUNCTION');
  for (const [what, by] of replacements) {
    if (!text.includes(what)) throw new Error(`"${name}": ${of} does not say "${what}".`);
    text = text.replace(what, () => by);
  }
  return text;
}
