// Patterns with `*` (any text) and `?` (any one character), without regular expressions: those try every way to split a text.

const STAR = 0x2a;
const QUESTION_MARK = 0x3f;

/** Returns a test for texts that match a pattern as a whole. It takes at most time in proportion to the product of both lengths. */
export function globOf(pattern: string): (text: string) => boolean {
  const wanted = Array.from(pattern, (character) => pointAt(character, 0));
  return (text) => isMatch(wanted, text);
}

function isMatch(wanted: readonly number[], text: string): boolean {
  let position = 0;
  // Where to go on when a character does not fit: after the last star, which then takes one more character. An earlier star
  // need not take more, as the last one can take all that it would leave.
  let [afterStar, starEnd] = [-1, 0];
  let at = 0;
  while (at < text.length) {
    const point = pointAt(text, at);
    if (wanted[position] === STAR) {
      position += 1;
      [afterStar, starEnd] = [position, at];
    } else if (wanted[position] === point || wanted[position] === QUESTION_MARK) {
      position += 1;
      at += unitsOf(point);
    } else if (afterStar >= 0) {
      starEnd += unitsOf(pointAt(text, starEnd));
      [position, at] = [afterStar, starEnd];
    } else return false;
  }
  while (wanted[position] === STAR) position += 1;
  return position === wanted.length;
}

/** Half of a pair counts as a character, as keys may have it. */
function pointAt(text: string, index: number): number {
  return text.codePointAt(index) ?? 0;
}

function unitsOf(point: number): number {
  return point > 0xffff ? 2 : 1;
}
