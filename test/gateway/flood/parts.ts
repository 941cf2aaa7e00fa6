/** What must become of a request: taken in, acknowledged and ignored, or refused; `any` where it is not ours to say. */
export type Outcome = 'accepted' | 'ignored' | 'refused' | 'any';

/** A part of a request, and what must become of the whole where only this part counts. */
export interface Part {
  readonly text: string;
  readonly outcome: Outcome;
}

/** Stands for the archive's id, for what must not show anywhere, and for bytes that are no UTF-8. */
export const ID = '\ue001';
export const CANARY = '\ue002';
export const BYTES = '\ue003';

/** Several of the same outcome. */
export function parts(outcome: Outcome, texts: readonly string[]): readonly Part[] {
  return texts.map((text) => ({ text, outcome }));
}
