// shmkit get: the value of a key.
import type { Command } from 'commander';
import { escapeText } from '../escape.js';
import { no } from '../failure.js';
import { toJson } from '../json.js';
import { act, declare, type Shell } from '../shell.js';
import { type Stored, ValueReader } from '../values.js';

interface Options {
  raw?: boolean;
  entry?: boolean;
  stale?: boolean;
  decode?: boolean;
}

export function addGet(program: Command): void {
  declare(program, 'get <name> <key>', 'print the value of a key')
    .option('--raw', 'print strings and bytes as they are, without escapes or a line break')
    .option('--entry', 'add type, version and seconds to live')
    .option('--stale', 'print a value that has expired, too, as long as it is there')
    .option('--decode', "decode objects in another user's dictionary")
    .action(act(get));
}

async function get(shell: Shell, options: Options, name: string, key: string): Promise<void> {
  const reader = new ValueReader(shell, name, options.decode);
  const stored = reader.read(key, options.stale);
  reader.close();
  if (stored === undefined) throw no(`there is no key "${key}" in "${name}"`);
  if (stored.codec !== undefined) shell.note(`shmkit: the codec "${escapeText(stored.codec)}" wrote this value: these are its bytes`);
  if (shell.out.json) return shell.out.document(options.entry ? entryOf(stored) : valueToShow(stored));
  if (options.raw) return shell.out.write(rawOf(stored));
  for (const line of linesOf(stored)) await shell.out.line(line);
  if (options.entry) {
    const { type, codec, ttl, version, stale } = stored;
    for (const [title, value] of Object.entries({ type, codec, ttl, version, stale })) {
      if (value !== undefined) await shell.out.line(`${title}\t${escapeText(String(value))}`);
    }
  }
}

function entryOf({ value: _, ...rest }: Stored & { value: unknown }): object {
  return { value: valueToShow({ value: _, ...rest }), ...rest };
}

function valueToShow(stored: Stored): unknown {
  return isUndecoded(stored) ? UNDECODED : stored.value;
}

const UNDECODED = { $undecoded: 'structured' };

function isUndecoded({ type, value }: Stored): boolean {
  return type === 'structured' && value === undefined;
}

function rawOf(stored: Stored): string | Uint8Array {
  const { value } = stored;
  if (typeof value === 'string' || value instanceof Uint8Array) return value;
  return typeof value === 'object' || value === undefined ? JSON.stringify(toJson(valueToShow(stored))) : String(value);
}

/** Lists go one item a line; bytes as hexadecimal digits. */
function linesOf(stored: Stored): string[] {
  if (stored.type === 'list') return (stored.value as unknown[]).map(textOf);
  return [textOf(valueToShow(stored))];
}

function textOf(value: unknown): string {
  if (typeof value === 'string') return escapeText(value);
  if (value instanceof Uint8Array) return `0x${Buffer.from(value).toString('hex')}`;
  if (typeof value === 'object' && value !== null) return escapeText(JSON.stringify(toJson(value))).replaceAll('\\\\', '\\');
  return String(value);
}
