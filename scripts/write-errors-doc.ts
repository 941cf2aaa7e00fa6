// Writes docs/errors.md from the table in src/domain/failures.ts: npx tsx scripts/write-errors-doc.ts
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { FAILURES } from '../src/domain/failures';
import type { FailureKind, Handling } from '../src/domain/handling';

export const ERRORS_DOC = join(__dirname, '..', 'docs', 'errors.md');

/** What each handling leads to, in the order in which the page gives them. */
const HANDLINGS: Readonly<Record<Handling, string>> = {
  poll: 'Expected. It is asked again later, with growing pauses; it is no failure in metrics or logs.',
  retry: "Tried again with growing pauses, for as long as the claim's deadline allows.",
  retryThenAttention:
    'Tried again every minute or two. A step that has been at it for half an hour by then ends, and the claim goes to `attention`; until then it goes on within two minutes after the cause is gone.',
  startOver: 'The record is fetched again, and the claim goes on from what it says.',
  downloadAgain:
    'The copy counts for nothing and the archive is downloaded afresh, from a fresh record, three times at most; then `attention`.',
  attention:
    'The claim goes to `attention`: a person should look. It is tried again every 6 hours, and at once when the archive is announced or a person says so.',
  end: 'The claim ends. The ledger has the state before the workflow ends.',
};

/** The page, whole. */
export function errorsDoc(): string {
  const kinds = Object.entries(FAILURES as Readonly<Record<string, FailureKind>>);
  return [
    '# Errors',
    '<!-- Made by scripts/write-errors-doc.ts from src/domain/failures.ts. Change the table there, not this page. -->',
    "Every failure of a claim, and of a tenant's subscriptions, has one of these types. It is the `type` of the failure in Temporal, and what the ledger keeps as the reason where a claim needs a person or failed. Messages name the archive and what happened: never a URL, a body, a secret or personal data.",
    'What is done about a failure follows from its handling:',
    table([
      ['handling', 'what follows'],
      ...Object.entries(HANDLINGS).map(([name, text]) => [`\`${name}\``, text]),
    ]),
    ...kinds.map(section),
  ]
    .join('\n\n')
    .concat('\n');
}

function section([type, { meaning, handling, remedy }]: [string, FailureKind]): string {
  return [`## ${type}`, meaning, `- **Handling**: \`${handling}\`\n- **What to do**: ${remedy}`].join('\n\n');
}

/** A Markdown table with its columns aligned, as Prettier would have it. */
function table(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const line = (cells: readonly string[], filler: string): string =>
    `| ${widths.map((width, column) => (cells[column] ?? '').padEnd(width, filler)).join(' | ')} |`;
  const [head = [], ...body] = rows;
  return [line(head, ' '), line([], '-'), ...body.map((row) => line(row, ' '))].join('\n');
}

if (require.main === module) writeFileSync(ERRORS_DOC, errorsDoc());
