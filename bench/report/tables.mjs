// Saved results as Markdown tables.
import { isBusy } from '../machine.mjs';
import { digits, goalOf, hasGoal, isReached } from '../rows.mjs';

function line(cells) {
  return `| ${cells.join(' | ')} |`;
}

function cell(value) {
  return value === undefined ? '' : digits(value);
}

function verdict(row) {
  return isReached(row) ? 'reached' : '**missed**';
}

/** Returns a Markdown table. */
export function table(heads, rows) {
  return [line(heads), line(heads.map((_, column) => (column === 0 ? '---' : '---:'))), ...rows.map(line)].join('\n');
}

/** Returns what the results were measured on, when, and whether other processes were running. */
export function machineLine({ machine }) {
  const { cpu, cores, caches, memory, kernel, node, when, load, loadAfter } = machine;
  const busy = isBusy(machine) || isBusy({ load: loadAfter, cores });
  const mark = busy ? ` **Measured under load** (${load} before, ${loadAfter} after, on ${cores} cores): other processes were running, so neither times nor ratios are reliable.` : '';
  return `${cpu}, ${cores} cores (${caches}), ${memory}, ${kernel}, Node ${node}; ${when.slice(0, 10)}.${mark}`;
}

/** Returns every row that has a goal. */
export function goalsTable({ sections }) {
  const rows = sections.flatMap((section) => section.rows.filter(hasGoal).map((row) => [section.name, row]));
  return table(
    ['what', 'goal', 'reached', '', 'section'],
    rows.map(([section, row]) => [row.name, goalOf(row).replace('<', '&lt;'), `${digits(row.reached)} ${row.unit}`, verdict(row), section]),
  );
}

/** Returns the raw figures of all sections. */
export function figuresOf({ sections }) {
  return sections
    .map(({ title, rows }) => `**${title}**\n\n${table(['', 'median'], rows.filter((row) => !hasGoal(row)).map((row) => [row.name, `${digits(row.reached)} ${row.unit}`]))}`)
    .join('\n\n');
}

/** Returns the peers side by side. */
export function compareTable({ calls, pairs, millions }) {
  const peers = Object.keys(Object.values(calls)[0]);
  return table(
    ['ns per call', ...peers],
    [
      ...Object.entries(calls).map(([title, figures]) => [title, ...peers.map((peer) => cell(figures[peer]))]),
      ['two processes relative to one, x', ...peers.map((peer) => cell(pairs[peer]))],
      ['bytes per entry, of a million', ...peers.map((peer) => cell(millions[peer]?.bytes))],
      ['listing a million keys, ms', ...peers.map((peer) => cell(millions[peer]?.milliseconds))],
    ],
  );
}

/** Returns a line for each call that a shared peer answers faster, and for each missed goal. */
export function lossesOf({ calls, notes, pairs, verdicts }) {
  const losses = Object.entries(calls).flatMap(([title, figures]) =>
    Object.keys(figures)
      .filter((peer) => pairs[peer] !== undefined && !peer.startsWith('shmkit') && figures[peer] < figures.shmkit)
      .map((peer) => `- ${title}: ${peer} takes ${digits(figures[peer])} ns, shmkit ${digits(figures.shmkit)} (${notes[peer]})`),
  );
  const missed = verdicts.filter((row) => !isReached(row)).map((row) => `- ${row.name}: ${digits(row.reached)} x, the goal is ${goalOf(row)}`);
  return [...losses, ...missed];
}
