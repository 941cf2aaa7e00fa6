/** What implements a rule: a file of the product, and a text in it that names the function or says the condition. */
interface Implementation {
  readonly file: string;
  readonly says: string;
}

export interface Rule<Value> {
  /** The protocol's value. */
  readonly value: Value;
  readonly meaning: string;
  /** Absent only for what the model assumes of the world. */
  readonly by?: Implementation;
}

export function rule<Value>(value: Value, meaning: string, file?: string, says?: string): Rule<Value> {
  return { value, meaning, ...(file !== undefined && says !== undefined && { by: { file, says } }) };
}
