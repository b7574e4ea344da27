// `npm run bench:objects`: prints what each form of an object costs as the table of the guide; `-- --save` writes it there.
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import { parseArgs } from 'node:util';
import { machineOf } from '../machine.mjs';
import { digits, lineOf } from '../rows.mjs';
import { removeAll } from '../table.mjs';
import { run, title } from '../sections/objects.mjs';

const GUIDE = 'docs/guide/values.md';
const SAVED = 'docs/benchmarks/objects.json';
const [BEGIN, END] = ['<!-- npm run bench:objects -- --save -->\n', '<!-- end -->'];
const FORMS = ['shmkit', 'shmkit, json', 'lmdb', 'lmdb, shared structures', 'JSON', 'v8', 'msgpackr'];
const VALUES = ['session', 'small', 'large', '1,000 numbers', 'Map of Buffers'];

const { values: options } = parseArgs({ options: { quick: { type: 'boolean' }, save: { type: 'boolean' } } });

function line(cells) {
  return `| ${cells.join(' | ')} |`;
}

function tableOf(rows) {
  const time = (call, value, form) => {
    const row = rows.find(({ name }) => name === `${call} ${value}, ${form}`);
    return row === undefined ? '-' : digits(row.reached / 1000);
  };
  const head = ['us: `get` / `set`', ...FORMS.map((form) => (form === 'JSON' || form === 'v8' || form === 'msgpackr' ? `${form} alone` : form))];
  const body = VALUES.map((value) => line([value, ...FORMS.map((form) => `${time('get', value, form)} / ${time('set', value, form)}`)]));
  return [line(head), line(head.map((_, index) => (index === 0 ? '---' : '---:'))), ...body].join('\n');
}

const machine = machineOf();
try {
  const rows = await run(options);
  const table = tableOf(rows);
  process.stdout.write(`${machine.summary}\n${title}\n\n${rows.map(lineOf).join('\n')}\n\n${table}\n`);
  if (options.save) {
    const guide = fs.readFileSync(GUIDE, 'utf8');
    const [before, after] = [guide.indexOf(BEGIN), guide.indexOf(END)];
    if (before < 0 || after < before) throw new Error(`${GUIDE} has no place for the table`);
    fs.writeFileSync(GUIDE, `${guide.slice(0, before + BEGIN.length)}${table}\n${guide.slice(after)}`);
    const commit = execFileSync('git', ['rev-parse', '--short', 'HEAD'], { encoding: 'utf8' }).trim();
    fs.writeFileSync(SAVED, `${JSON.stringify({ machine, commit, rows }, null, 2)}\n`);
  }
} finally {
  removeAll();
}
