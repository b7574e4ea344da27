// Saves results in docs/benchmarks: as JSON, as charts, and on the page.
import fs from 'node:fs';
import { benchCharts, compareCharts, coresCharts } from './charts.mjs';
import { pageOf } from './page.mjs';

const FOLDER = 'docs/benchmarks';
const CHARTS = { bench: benchCharts, compare: compareCharts, cores: coresCharts };

/** Saves the results of `bench`, `compare` or `cores`, and leaves those of the others as they are. */
export function save(name, results) {
  fs.mkdirSync(FOLDER, { recursive: true });
  fs.writeFileSync(`${FOLDER}/${name}.json`, `${JSON.stringify(results, null, 1)}\n`);
  for (const [file, svg] of Object.entries(CHARTS[name](results))) fs.writeFileSync(`${FOLDER}/${file}`, svg);
  writePage();
  process.stdout.write(`saved in ${FOLDER}\n`);
}

/** Saves the results of some sections, with what they were measured on, and leaves those of all other sections as they are. */
export function saveSections(name, { machine, sections }) {
  const file = `${FOLDER}/${name}.json`;
  if (!fs.existsSync(file)) throw new Error(`${file} does not exist: save all sections first`);
  const saved = JSON.parse(fs.readFileSync(file, 'utf8'));
  const fresh = sections.map((section) => ({ ...section, machine }));
  const kept = saved.sections.filter((section) => !sections.some((other) => other.name === section.name));
  save(name, { ...saved, sections: [...kept, ...fresh] });
}

function writePage() {
  const all = {};
  for (const name of Object.keys(CHARTS)) {
    const file = `${FOLDER}/${name}.json`;
    if (fs.existsSync(file)) all[name] = JSON.parse(fs.readFileSync(file, 'utf8'));
  }
  fs.writeFileSync(`${FOLDER}/README.md`, pageOf(all, fs.readdirSync(FOLDER)));
}
