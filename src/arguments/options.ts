// Options objects: a name that no option has is an error, because a misspelt option would have no effect.
import { createError, wrongType } from '../addon/errors.js';

/** The letters of an unknown name that are shown and compared. */
const MOST_SHOWN = 64;

/** The names of all options in `T`. The compiler refuses a list that is not complete. */
export type OptionNames<T> = Readonly<Record<keyof T, true>>;

/** Checks an options object with these names; `undefined` stands for an empty one. */
export function checkOptions<T extends object>(name: string, value: unknown, names: OptionNames<T>): Partial<T> {
  if (value === undefined) return {};
  if (typeof value !== 'object' || value === null) throw wrongType(name, 'of type object', value);
  checkNames(name, value, names);
  return value as Partial<T>;
}

/** Checks the names in an options object. */
export function checkNames<T>(name: string, options: object, names: OptionNames<T>): void {
  let isEmpty = true;
  for (const option in options) {
    if ((names as Record<string, unknown>)[option] === true) isEmpty = false;
    else if (Object.hasOwn(options, option)) throw unknownOption(name, option, names);
  }
  if (isEmpty) checkEmpty(name, options);
}

/**
 * Refuses an object without options that is something else: a `Date` in place of seconds, or a signal in place of
 * `{ signal }`, would have no effect.
 */
export function checkEmpty(name: string, options: object): void {
  if (Object.prototype.toString.call(options) !== '[object Object]') throw wrongType(name, 'an options object', options);
}

function unknownOption(name: string, unknown: string, names: object): Error {
  const option = unknown.slice(0, MOST_SHOWN);
  const known = Object.keys(names);
  const nearest = known.reduce((best, other) => (distance(option, other) < distance(option, best) ? other : best));
  const hint = `The nearest is "${nearest}"; there are ${known.map((other) => `"${other}"`).join(', ')}`;
  return createError('ERR_INVALID_ARG_VALUE', `There is no option "${name}.${option}". ${hint}`);
}

/** Returns how many letters must be inserted, removed, replaced or swapped with the next, whatever their case. */
function distance(one: string, other: string): number {
  const [a, b] = [one.toLowerCase(), other.toLowerCase()];
  const rows: number[][] = [Array.from({ length: b.length + 1 }, (_, column) => column)];
  const at = (row: number, column: number): number => rows[row]?.[column] ?? Infinity;
  for (let row = 1; row <= a.length; row += 1) {
    const costs = [row];
    rows.push(costs);
    for (let column = 1; column <= b.length; column += 1) {
      const isSame = a[row - 1] === b[column - 1];
      const isSwapped = a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1];
      costs.push(
        Math.min(
          at(row - 1, column) + 1,
          at(row, column - 1) + 1,
          at(row - 1, column - 1) + Number(!isSame),
          isSwapped ? at(row - 2, column - 2) + 1 : Infinity,
        ),
      );
    }
  }
  return at(a.length, b.length);
}
