// Numbers, times and texts of other processes for people.
import { escapeText } from '../../cli/escape.js';

export { bytesText, percent, shortCount } from '../../cli/format.js';

const MOST = 200;

/** Returns text of another process without characters that are invisible or reorder text, and not too long. */
export function shown(text: string, most = MOST): string {
  const cut = text.length > most ? `${text.slice(0, most)}…` : text;
  return escapeText(cut).replaceAll('\\\\', '\\');
}

/** Returns the lines of a value, each made safe. */
export function shownLines(text: string): string {
  return text.split('\n').map((line) => shown(line, Infinity)).join('\n');
}

/** Returns how long ago a time was, in milliseconds since 1970. */
export function ago(since: number, now: number = Date.now()): string {
  return `${duration(Math.max(0, now - since) / 1000)} ago`;
}

/** Returns seconds in the unit that fits. */
export function duration(seconds: number): string {
  if (seconds < 1) return `${Math.round(seconds * 1000)} ms`;
  if (seconds < 120) return `${Math.round(seconds)} s`;
  if (seconds < 7200) return `${Math.round(seconds / 60)} min`;
  return seconds < 172_800 ? `${Math.round(seconds / 3600)} h` : `${Math.round(seconds / 86_400)} d`;
}

/** Returns the seconds that an entry has left. */
export function lifetime(ttl: number): string {
  return ttl === 0 ? 'never expires' : `${duration(ttl)} left`;
}

export function clock(time: number): string {
  return new Date(time).toLocaleTimeString();
}
