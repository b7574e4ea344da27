// Separates prose from code: the comments of a source file, the running text of a Markdown page.
//
// The result has the length and the line breaks of the file; everything that is not prose is blank. So a position in it
// is a position in the file, and a phrase is found even where a line break divides it.

const RUST = /\/\/[^\n]*|\/\*[\s\S]*?\*\/|b?r(#*)"[\s\S]*?"\1|b?"(?:\\[\s\S]|[^"\\])*"|b?'(?:\\[^']+|[^'\\])'/g;
// A slash starts a regular expression only where an operand is expected.
const REGEX_LITERAL = String.raw`(?<=(?:[(,=:[!&|?{};+]|\breturn)\s*)\/(?![*/])(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\n])+\/`;
const SCRIPT = new RegExp(
  String.raw`\/\/[^\n]*|\/\*[\s\S]*?\*\/|${REGEX_LITERAL}|"(?:\\[\s\S]|[^"\\\n])*"|'(?:\\[\s\S]|[^'\\\n])*'|` + '`(?:\\\\[\\s\\S]|[^`\\\\])*`',
  'g',
);
const TOKENS = { rs: RUST, ts: SCRIPT, js: SCRIPT, mjs: SCRIPT, cjs: SCRIPT, c: SCRIPT, pml: SCRIPT };
const FENCE = /^```(\w*)\n([\s\S]*?)^```/gm;

/** Returns the prose of `text`, a file with this extension, or `null` if no rule says where its prose is. */
export function proseOf(extension, text) {
  if (extension === 'md') return withoutNotation(pageText(text));
  return TOKENS[extension] ? withoutNotation(comments(text, TOKENS[extension])) : null;
}

function comments(text, tokens) {
  let prose = '';
  let end = 0;
  for (const { 0: token, index } of text.matchAll(tokens)) {
    prose += blank(text.slice(end, index)) + (/^\/[/*]/.test(token) ? withoutMarkers(token) : blank(token));
    end = index + token.length;
  }
  return prose + blank(text.slice(end));
}

// Of a fenced block only the comments count, and only if it is code.
function pageText(text) {
  return text.replaceAll(FENCE, (block, language, code) => {
    const inside = TOKENS[language] ? comments(code, TOKENS[language]) : blank(code);
    return `${' '.repeat(3 + language.length)}\n${inside}   `;
  });
}

function withoutMarkers(comment) {
  return comment.replaceAll(/^\s*(?:\/\/[/!]?|\/\*\*?|\*\/|\*(?=\s|$))|\*\/$/gm, blank);
}

// Names of code, and the targets of links.
function withoutNotation(prose) {
  return prose.replaceAll(/`[^`\n]*`|\]\([^)\s]*\)|https?:\S+/g, blank);
}

function blank(text) {
  return text.replaceAll(/[^\n]/g, ' ');
}
