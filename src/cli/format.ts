// Numbers for people, and sizes and times as people write them.
import { usage } from './failure.js';

const UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
const SECONDS: Record<string, number> = { ms: 0.001, s: 1, m: 60, h: 3600, d: 86_400 };

/** Returns a number of bytes with a binary unit, such as `1.5 MiB`. */
export function bytesText(bytes: number): string {
  let unit = 0;
  let amount = bytes;
  while (amount >= 1024 && unit < UNITS.length - 1) {
    amount /= 1024;
    unit += 1;
  }
  return `${unit > 0 && amount < 100 ? amount.toFixed(1) : Math.round(amount)} ${UNITS[unit]}`;
}

/** Returns a count in at most five characters, such as `12.3k`. */
export function shortCount(count: number): string {
  if (count < 10_000) return String(count < 10 && count > 0 && count % 1 !== 0 ? count.toFixed(1) : Math.round(count));
  if (count < 1e6) return `${(count / 1e3).toFixed(count < 1e5 ? 1 : 0)}k`;
  return count < 1e9 ? `${(count / 1e6).toFixed(count < 1e8 ? 1 : 0)}M` : `${(count / 1e9).toFixed(1)}G`;
}

/** Returns a share as a percentage, or `-` if there is no whole. */
export function percent(part: number, whole: number): string {
  return whole > 0 ? `${((part / whole) * 100).toFixed(part === whole || part === 0 ? 0 : 1)}%` : '-';
}

export function paddedStart(text: string, width: number): string {
  return ' '.repeat(Math.max(0, width - [...text].length)) + text;
}

export function paddedEnd(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - [...text].length));
}

/** Returns at most `width` characters, the last one an ellipsis if some are left out. */
export function cut(text: string, width: number): string {
  const characters = [...text];
  return characters.length <= width ? text : `${characters.slice(0, Math.max(0, width - 1)).join('')}…`;
}

/** Returns a time in milliseconds since 1970 for people and programs. */
export function timeText(time: number): string {
  return new Date(time).toISOString();
}

/** Returns the seconds in a text such as `30`, `1.5s`, `10m`, `2h` or `7d`. */
export function secondsOf(text: string): number {
  const match = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)?$/.exec(text);
  if (!match) throw usage(`"${text}" is not a time: write a number of seconds, or one with a unit (ms, s, m, h, d)`);
  return Number(match[1]) * (SECONDS[match[2] ?? 's'] ?? 1);
}

/** Returns the whole number in a text. */
export function countOf(text: string): number {
  if (!/^\d{1,15}$/.test(text)) throw usage(`"${text}" is not a whole number`);
  return Number(text);
}
