// Checks that only the byte format and the extent of a segment use the maxima of a geometry: everywhere else they would lead to
// places that have no memory yet. `Segment::pages`, `has_page`, `page_of`, `shape` and `buckets` know what has memory.
import fs from 'node:fs';
import path from 'node:path';
import { ROOT } from '../setup/process.mjs';

const SOURCES = 'crates/dict/src';
const ALLOWED = /^(layout\/|segment|tests\/|kind\.rs$)/;
const MAXIMA = /\bgeometry\s*\.\s*(pages|base_buckets)\b/g;

export function problemsInExtent() {
  const root = path.join(ROOT, SOURCES);
  const files = fs.readdirSync(root, { recursive: true }).filter((file) => file.endsWith('.rs') && !ALLOWED.test(file));
  return files.flatMap((file) => problemsInSource(`${SOURCES}/${file}`, fs.readFileSync(path.join(root, file), 'utf8')));
}

/** Returns one line for each use of a maximum in a source. */
export function problemsInSource(file, source) {
  return [...source.matchAll(MAXIMA)].map(([use]) => `${file}: ${use} may have no memory; ask the segment`);
}
