// Text of other processes, made safe for terminals and for lines of tab-separated values.

/** Control and format characters, among them those that reorder text; line separators; lone surrogates; the backslash. */
const UNSAFE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\\]/gu;
/** What JSON leaves as it is inside strings, of the same characters. */
const UNSAFE_IN_JSON = /[\u007f-\u009f\p{Cf}\p{Zl}\p{Zp}]/gu;
const SHORT: Record<string, string> = { '\n': '\\n', '\r': '\\r', '\t': '\\t', '\\': '\\\\' };

/** Returns the text with unsafe characters as escapes of JavaScript. */
export function escapeText(text: string): string {
  return text.replaceAll(UNSAFE, (character) => SHORT[character] ?? escaped(character));
}

/** Returns JSON text of the same meaning without unsafe characters. */
export function escapeJson(json: string): string {
  return json.replaceAll(UNSAFE_IN_JSON, escaped);
}

function escaped(character: string): string {
  return Array.from({ length: character.length }, (_, at) => `\\u${character.charCodeAt(at).toString(16).padStart(4, '0')}`).join('');
}
