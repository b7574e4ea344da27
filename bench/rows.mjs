// A row of results: `{ name, reached, unit }`, and with a goal `most` or `least`.

/** Returns a row whose goal is at most `most`. */
export function atMost(name, reached, most, unit) {
  return { name, reached, unit, most };
}

/** Returns a row whose goal is at least `least`. */
export function atLeast(name, reached, least, unit) {
  return { name, reached, unit, least };
}

/** Returns whether the row has a goal. */
export function hasGoal({ most, least }) {
  return most !== undefined || least !== undefined;
}

/** Returns whether its goal is reached. */
export function isReached({ reached, most = Infinity, least = -Infinity }) {
  return reached <= most && reached >= least;
}

/** Returns a figure with three significant digits. */
export function digits(number) {
  if (number === 0 || Number.isInteger(number)) return number.toLocaleString('en');
  if (Math.abs(number) >= 100) return Math.round(number).toLocaleString('en');
  return number.toPrecision(3);
}

/** Returns the goal as text, or ''. */
export function goalOf({ most, least }) {
  if (most !== undefined) return `<= ${digits(most)}`;
  return least === undefined ? '' : `>= ${digits(least)}`;
}

/** Returns the row as a line of text. */
export function lineOf(row) {
  const figure = `${digits(row.reached)} ${row.unit}`.padEnd(20);
  const verdict = hasGoal(row) ? `goal ${goalOf(row).padEnd(8)} ${isReached(row) ? 'reached' : 'MISSED'}` : '';
  return `  ${row.name.padEnd(42)} ${figure} ${verdict}`.trimEnd();
}
