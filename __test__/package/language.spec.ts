import path from 'node:path';
import { pathToFileURL } from 'node:url';
import test from 'ava';

const LANGUAGE = path.join(__dirname, '..', '..', '..', 'scripts', 'tidy', 'language.mjs');

async function breachesIn(name: string, text: string): Promise<string[]> {
  const { breachesIn: find } = (await import(pathToFileURL(LANGUAGE).href)) as { breachesIn(name: string, text: string): string[] };
  return find(name, text).map((line) => line.split(': ').slice(0, 2).join(' '));
}

test('language check: it reports line and phrase in comments, and ignores code and strings', async (t) => {
  const script = "const who = 'nobody'; // whoever\nconst pattern = /behind/;\n/* so\n * many */ const he = `him`; // the `whom` of it\n";
  t.deepEqual(await breachesIn('a.ts', script), ['a.ts:1 "whoever"', 'a.ts:3 "so many"']);
  const rust = 'fn a<\'a>(b: &\'a str) { let c = r#"he // who"#; } /// Nothing is under way.\n';
  t.deepEqual(await breachesIn('a.rs', rust), ['a.rs:1 "under way"']);
});

test('language check: it reads Markdown, and the comments of the code in it', async (t) => {
  const page = 'Users who `whom` it.\n\n```js\nconst he = 1; // his\n```\n\n```text\nwho\n```\n\nBehind the end.\n';
  t.deepEqual(await breachesIn('a.md', page), ['a.md:4 "his"', 'a.md:11 "Behind"']);
});

test('language check: it allows questions, people, queues and what is left behind', async (t) => {
  t.deepEqual(await breachesIn('a.md', '# Who holds it?\n\n| who | what |\n| --- | --- |\n\nIn the queue behind it. Files are left behind.\n'), []);
});
