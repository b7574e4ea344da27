// shmkit set: stores a value.
import type { Command } from 'commander';
import fs from 'node:fs';
import { openToWrite, using } from '../dict.js';
import { EXIT, usage } from '../failure.js';
import { secondsOf } from '../format.js';
import { act, declare, type Shell } from '../shell.js';

interface Options {
  type: string;
  ttl?: string;
  keepTtl?: boolean;
  ifAbsent?: boolean;
  ifPresent?: boolean;
  ifVersion?: string;
}

export function addSet(program: Command): void {
  declare(program, 'set <name> <key> [value]', 'store a value; without one, or with -, read it from standard input')
    .option('--type <type>', 'string, number, bigint, boolean, null, json or bytes', 'string')
    .option('--ttl <time>', 'let it expire after a time, such as 90s, 10m or 2h')
    .option('--keep-ttl', "keep the key's current expiry")
    .option('--if-absent', 'only if the key is missing')
    .option('--if-present', 'only if the key exists')
    .option('--if-version <version>', 'only if the key has this version')
    .action(act(set));
}

async function set(shell: Shell, { type, ttl, keepTtl, ifAbsent, ifPresent, ifVersion }: Options, name: string, key: string, text = '-'): Promise<number> {
  const options = {
    ...(ttl !== undefined && { ttl: secondsOf(ttl) }),
    ...(keepTtl && { keepTtl }),
    ...(ifAbsent && { ifAbsent }),
    ...(ifPresent && { ifPresent }),
    ...(ifVersion !== undefined && { ifVersion: bigintOf(ifVersion) }),
  };
  const value = valueOf(type, type === 'null' ? '' : text);
  const isStored = await using(openToWrite(shell, name, 'json'), (dict) => dict.set(key, value, options));
  if (shell.out.json) await shell.out.document(isStored);
  else if (!isStored) shell.note('shmkit: not stored: the condition is not met');
  return isStored ? EXIT.done : EXIT.no;
}

function valueOf(type: string, text: string): unknown {
  if (type === 'bytes') return text === '-' ? fs.readFileSync(0) : Buffer.from(text);
  const given = text === '-' ? fs.readFileSync(0, 'utf8') : text;
  switch (type) {
    case 'string':
      return given;
    case 'number':
      if (given.trim() === '' || Number.isNaN(Number(given))) throw usage(`"${given}" is not a number`);
      return Number(given);
    case 'bigint':
      return bigintOf(given);
    case 'boolean':
      if (!/^\s*(true|false)\s*$/.test(given)) throw usage(`"${given}" is neither true nor false`);
      return given.trim() === 'true';
    case 'null':
      return null;
    case 'json':
      return jsonOf(given);
    default:
      throw usage(`"${type}" is not a type of values. The types are string, number, bigint, boolean, null, json and bytes`);
  }
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    throw usage(`the value is not JSON: ${(error as Error).message}`);
  }
}

/** Returns the whole number in a text. */
export function bigintOf(text: string): bigint {
  if (!/^\s*-?\d+n?\s*$/.test(text)) throw usage(`"${text}" is not a whole number`);
  return BigInt(text.trim().replace(/n$/, ''));
}
