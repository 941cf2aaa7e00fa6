import { readFileSync } from 'node:fs';
import { FAILURES } from '../../src/domain/failures';
import { ERRORS_DOC, errorsDoc } from '../../scripts/write-errors-doc';

describe('docs/errors.md', () => {
  // Where this fails: npx tsx scripts/write-errors-doc.ts
  it('is generated from the table of failures', () => {
    expect(readFileSync(ERRORS_DOC, 'utf8')).toBe(errorsDoc());
  });

  it.each(Object.entries(FAILURES))('explains %s', (type, { meaning, handling, remedy }) => {
    const section = errorsDoc().split(`\n## ${type}\n`)[1]?.split('\n## ')[0];
    for (const part of [meaning, handling, remedy]) expect(section).toContain(part);
  });
});
