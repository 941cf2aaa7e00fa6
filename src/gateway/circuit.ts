/** Whether the other side answers. While it does not, only one call in a while is made, to find out. */
export interface Circuit {
  isOpen(): boolean;
  /** Whether a call should be made now: always while it is closed, else once in each pause, by whoever asks first. */
  allows(): boolean;
  /** What became of a call: whether there was an answer. */
  note(answered: boolean): void;
}

/** @param pause milliseconds between two calls while nothing answers */
export function createCircuit(pause: number): Circuit {
  /** When the next call may be made; `undefined` while it is closed. */
  let nextCall: number | undefined;
  return {
    isOpen: () => nextCall !== undefined,
    allows() {
      if (nextCall === undefined) return true;
      if (performance.now() < nextCall) return false;
      nextCall = performance.now() + pause;
      return true;
    },
    note(answered) {
      nextCall = answered ? undefined : performance.now() + pause;
    },
  };
}
