// A chart of the last minutes. What it shows last is in text beside it, for readers of the screen and for quick looks.
import { html } from 'htm/preact';
import type { VNode } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import uPlot from 'uplot';
import { clock } from './format.js';

export interface Line {
  readonly title: string;
  readonly values: Array<number | null>;
}

interface Properties {
  readonly title: string;
  readonly times: number[];
  readonly lines: readonly Line[];
  readonly format: (value: number) => string;
  /** The top of the scale, if it is always the same. */
  readonly top?: number;
}

const HEIGHT = 170;
/** What a chart shows at least, in seconds. */
const SHORTEST_S = 60;
const COLOURS = ['--line-1', '--line-2', '--line-3', '--line-4'];

export function Chart({ title, times, lines, format, top }: Properties): VNode {
  const place = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | undefined>(undefined);
  const theme = useTheme();
  const data = [times, ...lines.map(({ values }) => values)] as uPlot.AlignedData;
  useEffect(() => {
    const target = place.current;
    if (target === null) return;
    const drawn = new uPlot(optionsFor(target.clientWidth, lines, format, top), data, target);
    plot.current = drawn;
    const observer = new ResizeObserver(() => drawn.setSize({ width: target.clientWidth, height: HEIGHT }));
    observer.observe(target);
    return () => {
      observer.disconnect();
      drawn.destroy();
    };
  }, [theme, lines.length]);
  useEffect(() => plot.current?.setData(data), [times.at(-1), times.length]);
  const latest = lines.map((line) => ({ title: line.title, text: textOf(line.values.at(-1), format) }));
  return html`<figure class="chart">
    <figcaption>
      <span class="chart-title">${title}</span>
      <ul class="legend">
        ${latest.map(({ title: name, text }, at) => html`<li><span class=${`swatch swatch-${at + 1}`} aria-hidden="true"></span>${name} <b>${text}</b></li>`)}
      </ul>
    </figcaption>
    <div class="plot" ref=${place} role="img" aria-label=${`${title}, last minutes. Now: ${latest.map(({ title: name, text }) => `${name} ${text}`).join(', ')}`}></div>
  </figure>`;
}

function textOf(value: number | null | undefined, format: (value: number) => string): string {
  return value === null || value === undefined ? '–' : format(value);
}

function optionsFor(width: number, lines: readonly Line[], format: (value: number) => string, top: number | undefined): uPlot.Options {
  const [text, grid] = [colour('--muted'), colour('--border')];
  const axis = { stroke: text, grid: { stroke: grid, width: 1 }, ticks: { stroke: grid, width: 1 } };
  return {
    width,
    height: HEIGHT,
    legend: { show: false },
    cursor: { y: false },
    scales: { x: { range: (_, first, last) => [Math.min(first, last - SHORTEST_S), last] }, y: { range: (_, __, most) => [0, top ?? Math.max(1, most * 1.1)] } },
    axes: [{ ...axis, size: 34, space: 90, values: (_, splits) => splits.map((time) => clock(time * 1000)) }, { ...axis, size: 64, values: (_, splits) => splits.map(format) }],
    series: [{}, ...lines.map(({ title }, at) => ({ label: title, stroke: colour(COLOURS[at] ?? '--line-1'), width: 2, points: { show: false } }))],
  };
}

function colour(variable: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(variable).trim();
}

/** Returns whether the page is dark, and changes with it. */
function useTheme(): boolean {
  const query = matchMedia('(prefers-color-scheme: dark)');
  const [isDark, setIsDark] = useState(query.matches);
  useEffect(() => {
    const change = () => setIsDark(query.matches);
    query.addEventListener('change', change);
    return () => query.removeEventListener('change', change);
  }, []);
  return isDark;
}
