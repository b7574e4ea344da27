// Values of recorded jobs and messages: they tell whether all of their bytes are there.

export interface JobValue {
  readonly of: string;
  readonly times: number;
  readonly text: string;
}

/** Returns a value that belongs to an id and takes several cells, or parts of a ring. */
export function valueOf(id: string, times: number): JobValue {
  return { of: id, times, text: `${id} `.repeat(times) };
}

/** Returns whether a value is whole and belongs to this id. */
export function isWhole(id: string, value: JobValue): boolean {
  return value.of === id && value.text === `${id} `.repeat(value.times);
}
