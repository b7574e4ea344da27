import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import test from 'ava';

const ROOT = path.join(__dirname, '..', '..', '..');
/** Pages whose examples are complete programs. */
const PAGES = ['channels', 'dictionary', 'events', 'production', 'queues'];

/** Returns the examples of a page, each with the heading above it. */
function examples(page: string): { heading: string; program: string }[] {
  const text = fs.readFileSync(path.join(ROOT, 'docs', 'guide', `${page}.md`), 'utf8');
  return [...text.matchAll(/```js\n([\s\S]*?)```/g)].map((match) => {
    const heading = text.slice(0, match.index).split('\n').findLast((line) => line.startsWith('#')) ?? '';
    return { heading: heading.replace(/^#+ /, ''), program: match[1] ?? '' };
  });
}

/** Returns what a program says it prints: the comments after its calls of `console.log`. */
const promised = (program: string): string[] => [...program.matchAll(/console\.log\(.*\); \/\/ (.*)$/gm)].map((match) => match[1] ?? '');

for (const page of PAGES) {
  for (const [index, { heading, program }] of examples(page).entries()) {
    test(`guide: example ${index + 1} of "${page}", "${heading}", prints what it says`, (t) => {
      // Inside the package, so that its own name resolves.
      const file = path.join(ROOT, 'build', `guide-${page}-${index}.js`);
      fs.writeFileSync(file, program);
      t.teardown(() => fs.rmSync(file));
      const { status, stdout, stderr } = spawnSync(process.execPath, [file], { encoding: 'utf8', timeout: 60_000 });
      t.is(status, 0, stderr);
      const lines = promised(program);
      if (lines.length > 0) t.deepEqual(stdout.trim().split('\n'), lines);
      else t.regex(stdout, /pass 1\b/, 'the example is a test of its own');
    });
  }
}
