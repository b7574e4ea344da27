// What the same data costs a process in the dictionary, and in a Map of its own.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const HOLDER = fileURLToPath(new URL('holder.mjs', import.meta.url));

const KINDS = { 'Node without the cities': 'nothing', 'with the dictionary': 'dictionary', 'with a private Map': 'map' };

/** Returns the rows of a table, and a summary of what the cities cost a process in each form. */
export async function compareMemory(dict, cities) {
  const rows = [['', 'private', 'with its share of what is shared']];
  const totals = {};
  for (const [title, kind] of Object.entries(KINDS)) {
    const holders = Array.from({ length: 4 }, () => fork(HOLDER, [kind, dict.name, String(cities)], { execArgv: ['--expose-gc'] }));
    await Promise.all(holders.map((holder) => once(holder, 'message')));
    // All of them hold the data by now, so that each has a quarter of what is shared.
    const figures = await Promise.all(holders.map(measure));
    await Promise.all(holders.map(end));
    const average = (field) => figures.reduce((sum, figure) => sum + figure[field], 0) / figures.length;
    totals[kind] = average('proportional');
    rows.push([title, megabytes(average('own')), megabytes(totals[kind])]);
  }
  const cost = (kind) => megabytes(totals[kind] - totals.nothing);
  return { rows, summary: `the cities cost each of four processes ${cost('dictionary')} MB in the dictionary, ${cost('map')} MB in a Map` };
}

async function measure(holder) {
  holder.send('measure');
  const [figures] = await once(holder, 'message');
  return figures;
}

async function end(holder) {
  holder.send('end');
  await once(holder, 'exit');
}

function megabytes(bytes) {
  return (bytes / 2 ** 20).toFixed(1);
}
