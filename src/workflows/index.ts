export { claimArchive } from './claim-archive';
