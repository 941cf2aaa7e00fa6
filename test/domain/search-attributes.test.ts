import { SEARCH_ATTRIBUTES, searchAttributesOf } from '../../src/domain/search-attributes';

describe('the search attributes of a claim', () => {
  it('are five, with the names and types that queries rely on', () => {
    expect(SEARCH_ATTRIBUTES).toEqual({
      ArchivistTenant: 'KEYWORD',
      ArchivistArchiveId: 'KEYWORD',
      ArchivistConferenceId: 'KEYWORD',
      ArchivistState: 'KEYWORD',
      ArchivistDeadline: 'DATETIME',
    });
  });

  it('are set if there is a value', () => {
    const deadline = new Date('2030-01-02T03:04:05Z');
    const all = { tenant: 't', archiveId: 'a', conferenceId: 'c', state: 'waiting', deadline };
    expect(searchAttributesOf(all)).toEqual([
      { key: { name: 'ArchivistTenant', type: 'KEYWORD' }, value: 't' },
      { key: { name: 'ArchivistArchiveId', type: 'KEYWORD' }, value: 'a' },
      { key: { name: 'ArchivistConferenceId', type: 'KEYWORD' }, value: 'c' },
      { key: { name: 'ArchivistState', type: 'KEYWORD' }, value: 'waiting' },
      { key: { name: 'ArchivistDeadline', type: 'DATETIME' }, value: deadline },
    ]);
  });

  it('are left unchanged if there is none', () => {
    expect(searchAttributesOf({})).toEqual([]);
    expect(searchAttributesOf({ state: 'secured' })).toEqual([
      { key: { name: 'ArchivistState', type: 'KEYWORD' }, value: 'secured' },
    ]);
  });
});
