import { ABANDONS } from './cases/abandons';
import { RECORDS } from './cases/records';
import { STATUSES } from './cases/statuses';
import { claimsInSpiteOf } from './in-spite-of';

claimsInSpiteOf({ 'an answer:': STATUSES, 'a record': RECORDS, 'an abandon': ABANDONS });
