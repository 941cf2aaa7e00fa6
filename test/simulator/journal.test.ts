import { JOURNAL_CAPACITY } from '../../src/simulator';
import { Journal } from '../../src/simulator/journal/journal';

describe('the journal', () => {
  test('keeps its capacity of entries, drops the oldest, and says how many', () => {
    const journal = new Journal();
    const written = JOURNAL_CAPACITY + 60_000;
    for (let index = 0; index < written; index += 1) {
      journal.write({
        kind: 'status',
        archiveId: 'a',
        conferenceId: 'c',
        status: 'PACKING',
        cause: 'created',
      });
    }

    const entries = journal.read({});
    expect(entries.length).toBeGreaterThanOrEqual(JOURNAL_CAPACITY);
    expect(journal.dropped + entries.length).toBe(written);
    expect(entries[0]!.seq).toBe(journal.dropped + 1);
    expect(journal.read({ after: written - 2 }).map(({ seq }) => seq)).toEqual([written - 1, written]);
    expect(journal.read({ after: written })).toEqual([]);
  });
});
