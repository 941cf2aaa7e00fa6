import { ConfigError } from '../../src/config/config-error';
import { parseYaml } from '../../src/config/parse-yaml';

describe('text that is not YAML', () => {
  it.each([
    ['a bracket that is not closed', 'store: [marker', 'line 1: not valid YAML'],
    ['a key that is given twice', 'a: marker\na: marker', 'line 2: not valid YAML (DUPLICATE_KEY)'],
    ['two documents', 'a: marker\n---\nb: marker', 'not valid YAML (MULTIPLE_DOCS)'],
    ['a tab', 'a:\n\tb: marker', 'line 2: not valid YAML (TAB_AS_INDENT)'],
    ['a tag that nothing reads', 'a: !env marker', 'line 1: not valid YAML (TAG_RESOLVE_FAILED)'],
    ['an alias of nothing', 'a: *marker', 'an alias (`*name`) has no anchor (`&name`) before it'],
  ])('is refused, with its line but without its content: %s', (_, text, problem) => {
    const attempt = () => parseYaml(text, '/srv/archivist.yaml');
    expect(attempt).toThrow(ConfigError);
    expect(attempt).toThrow(problem);
    expect(attempt).not.toThrow('marker');
  });
});

describe('a template that was not filled', () => {
  it('is not printed as a warning of the process', () => {
    const warn = jest.spyOn(process, 'emitWarning').mockImplementation();
    try {
      parseYaml('apiKey: {{ marker }}', '/srv/archivist.yaml');
      expect(warn).not.toHaveBeenCalled();
    } finally {
      warn.mockRestore();
    }
  });
});

describe('YAML', () => {
  it('may use anchors and aliases', () => {
    expect(parseYaml('a: &x [1]\nb: *x', '/srv/archivist.yaml')).toEqual({ a: [1], b: [1] });
  });
});
