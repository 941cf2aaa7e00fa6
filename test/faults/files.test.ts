import { BODIES } from './cases/bodies';
import { RANGES } from './cases/ranges';
import { REDIRECTS } from './cases/redirects';
import { claimsInSpiteOf } from './in-spite-of';

claimsInSpiteOf({
  'a file': BODIES,
  'a server that, asked for the rest of a file,': RANGES,
  'a redirect': REDIRECTS,
});
