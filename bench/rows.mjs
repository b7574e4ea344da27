// A row of results: `{ name, reached, unit }`, and with a goal `most` or `least`.

/** Something that should take `most` at most. */
export function atMost(name, reached, most, unit) {
  return { name, reached, unit, most };
}

/** Something that should be `least` at least. */
export function atLeast(name, reached, least, unit) {
  return { name, reached, unit, least };
}

/** True if it has a goal. */
export function hasGoal({ most, least }) {
  return most !== undefined || least !== undefined;
}

/** True if its goal is reached. */
export function isReached({ reached, most = Infinity, least = -Infinity }) {
  return reached <= most && reached >= least;
}

/** A figure with three digits that mean something. */
export function digits(number) {
  if (number === 0 || Number.isInteger(number)) return number.toLocaleString('en');
  if (Math.abs(number) >= 100) return Math.round(number).toLocaleString('en');
  return number.toPrecision(3);
}

/** The goal as text, or ''. */
export function goalOf({ most, least }) {
  if (most !== undefined) return `<= ${digits(most)}`;
  return least === undefined ? '' : `>= ${digits(least)}`;
}

/** One line for people. */
export function lineOf(row) {
  const figure = `${digits(row.reached)} ${row.unit}`.padEnd(20);
  const verdict = hasGoal(row) ? `goal ${goalOf(row).padEnd(8)} ${isReached(row) ? 'reached' : 'MISSED'}` : '';
  return `  ${row.name.padEnd(42)} ${figure} ${verdict}`.trimEnd();
}
