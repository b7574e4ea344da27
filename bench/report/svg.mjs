// Charts as SVG text: lines over logarithmic axes, and bars. Readable on light and dark pages.

const COLOURS = ['#0072b2', '#d55e00', '#009e73', '#cc79a7', '#e69f00', '#56b4e9', '#8c8c8c', '#7a5195'];
const [WIDTH, HEIGHT] = [760, 420];
const PLOT = { left: 80, right: 560, top: 50, bottom: 360 };
const BAR = { left: 220, right: 660, height: 14, gap: 12 };
const STYLE = `<style>text{font:12px sans-serif;fill:#777}.title{font-size:15px;fill:#555}.grid{stroke:#8884}.axis{stroke:#888}
@media (prefers-color-scheme:dark){text{fill:#aaa}.title{fill:#ccc}}</style>`;

/** Returns a line chart. `series` are `{ name, points: [x, y][] }`; both axes are logarithmic. */
export function lineChart({ title, x, y, series }) {
  const all = series.flatMap(({ points }) => points);
  const across = exactLogScale(all.map(([value]) => value), PLOT.left, PLOT.right);
  const up = logScale(all.map(([, value]) => value), PLOT.bottom, PLOT.top);
  const body = [
    ...ticks(up).map((value) => grid(`M${PLOT.left} ${round(up.at(value))}H${PLOT.right}`) + text(PLOT.left - 6, up.at(value) + 4, short(value), 'end')),
    ...ticksAt(all).map((value) => text(across.at(value), PLOT.bottom + 18, short(value), 'middle')),
    `<path class="axis" fill="none" d="M${PLOT.left} ${PLOT.top}V${PLOT.bottom}H${PLOT.right}"/>`,
    text((PLOT.left + PLOT.right) / 2, PLOT.bottom + 40, x, 'middle'),
    text(PLOT.left, PLOT.top - 12, y, 'start'),
    ...series.map(({ name, points }, number) => line(name, points, COLOURS[number % COLOURS.length], number, across, up)),
  ];
  return page(title, HEIGHT, body);
}

/** Returns grouped bars. `groups` are `{ name, bars: { name, value, label }[] }`; a logarithmic axis starts at a power of ten. */
export function barChart({ title, groups, log = false }) {
  const values = groups.flatMap(({ bars }) => bars.map(({ value }) => value));
  const names = [...new Set(groups.flatMap(({ bars }) => bars.map(({ name }) => name)))];
  const scale = log ? logScale(values, BAR.left, BAR.right) : linearScale(values, BAR.left, BAR.right);
  let top = PLOT.top;
  const body = [];
  for (const group of groups) {
    body.push(text(12, top + BAR.height - 2, group.name, 'start'));
    for (const bar of group.bars) {
      const width = Math.max(1, scale.at(bar.value) - BAR.left);
      const colour = COLOURS[names.indexOf(bar.name) % COLOURS.length];
      body.push(text(BAR.left - 6, top + BAR.height - 3, bar.name, 'end'));
      body.push(`<rect x="${BAR.left}" y="${round(top)}" width="${round(width)}" height="${BAR.height - 2}" fill="${colour}"/>`);
      body.push(text(BAR.left + width + 6, top + BAR.height - 3, bar.label, 'start'));
      top += BAR.height;
    }
    top += BAR.gap;
  }
  return page(title, top + BAR.gap, body);
}

function line(name, points, colour, number, across, up) {
  const places = points.map(([x, y]) => [round(across.at(x)), round(up.at(y))]);
  const path = `<path fill="none" stroke="${colour}" stroke-width="2" d="M${places.map((place) => place.join(' ')).join('L')}"/>`;
  const dots = places.map(([x, y]) => `<circle cx="${x}" cy="${y}" r="3" fill="${colour}"/>`);
  const [left, top] = [PLOT.right + 20, PLOT.top + 20 * number];
  return `${path}${dots.join('')}<rect x="${left}" y="${top}" width="12" height="12" fill="${colour}"/>${text(left + 18, top + 10, name, 'start')}`;
}

// Whole powers of ten around the values.
function logScale(values, from, to) {
  const low = Math.floor(Math.log10(Math.min(...values)));
  const high = Math.max(low + 1, Math.ceil(Math.log10(Math.max(...values))));
  return { low, high, at: (value) => from + ((Math.log10(value) - low) / (high - low)) * (to - from) };
}

function exactLogScale(values, from, to) {
  const [low, high] = [Math.log10(Math.min(...values)), Math.log10(Math.max(...values))];
  return { at: (value) => from + ((Math.log10(value) - low) / (high - low || 1)) * (to - from) };
}

function linearScale(values, from, to) {
  const most = Math.max(...values, 1e-9);
  return { at: (value) => from + (value / most) * (to - from) };
}

function ticks({ low, high }) {
  return Array.from({ length: high - low + 1 }, (_, number) => 10 ** (low + number));
}

/** Most places that are named on an axis; of more, only the powers of ten are. */
const NAMED = 8;

function ticksAt(points) {
  const places = [...new Set(points.map(([x]) => x))];
  if (places.length <= NAMED) return places;
  const [low, high] = [Math.ceil(Math.log10(Math.min(...places)) - 1e-9), Math.floor(Math.log10(Math.max(...places)) + 1e-9)];
  return ticks({ low, high });
}

function short(value) {
  for (const [unit, letter] of [[1e9, 'G'], [1e6, 'M'], [1e3, 'k']]) {
    if (value >= unit) return `${value / unit}${letter}`;
  }
  return String(Number(value.toPrecision(3)));
}

function grid(path) {
  return `<path class="grid" d="${path}"/>`;
}

function text(x, y, content, anchor) {
  return `<text x="${round(x)}" y="${round(y)}" text-anchor="${anchor}">${escape(content)}</text>`;
}

function page(title, height, body) {
  const heading = `<text class="title" x="12" y="22">${escape(title)}</text>`;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${round(height)}" role="img">${STYLE}\n${heading}\n${body.join('\n')}\n</svg>\n`;
}

function round(number) {
  return Math.round(number * 10) / 10;
}

function escape(content) {
  return String(content).replaceAll('&', '&amp;').replaceAll('<', '&lt;');
}
