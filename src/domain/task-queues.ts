/** The two task queues, apart so that a fleet can scale moving bytes and deciding separately. */
export const TASK_QUEUES = {
  /** Workflows and short activities. */
  claims: 'archivist',
  /** Activities that move or read whole archives. */
  transfers: 'archivist-transfers',
} as const;
