// What the same data costs a process: in the dictionary, and in a Map of its own.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const HOLDER = fileURLToPath(new URL('holder.mjs', import.meta.url));

/** Rows of a table: the private and the proportional memory of a process of each kind. */
export async function compareMemory(dict, cities) {
  const kinds = { 'Node alone': 'nothing', 'with the dictionary': 'dictionary', 'with a private Map': 'map' };
  const rows = [['', 'private', 'with its share of what is shared']];
  for (const [title, kind] of Object.entries(kinds)) {
    const holders = Array.from({ length: kind === 'nothing' ? 1 : 4 }, () => fork(HOLDER, [kind, dict.name, String(cities)], { execArgv: ['--expose-gc'] }));
    await Promise.all(holders.map((holder) => once(holder, 'message')));
    // All hold it by now, so that the shares are those of four.
    const figures = await Promise.all(holders.map(measure));
    await Promise.all(holders.map(end));
    const average = (field) => figures.reduce((sum, figure) => sum + figure[field], 0) / figures.length;
    rows.push([title, megabytes(average('own')), megabytes(average('proportional'))]);
  }
  return rows;
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
