/** The task queue of the yardstick's worker. */
export const BARE_QUEUE = 'bench-bare';
