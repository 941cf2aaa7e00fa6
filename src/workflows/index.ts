export { claimArchive } from './claim/claim-archive';
export { reconcileTenant } from './reconcile-tenant';
export { repairCopy } from './repair-copy';
export { rotateCallback } from './rotate-callback';
export { sweepCopies } from './sweep-copies';
