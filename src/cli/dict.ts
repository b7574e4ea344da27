// Dictionaries as commands open them.
import fs from 'node:fs';
import { api, type Dict } from './api.js';
import type { Shell } from './shell.js';

/** Opens a dictionary for reading: takes no locks, counts in no statistics. */
export function openToRead(shell: Shell, name: string): Dict {
  return api().SharedDict.open(name, { ...shell.place, readOnly: true, localCache: false });
}

/** Opens a dictionary for changes. */
export function openToWrite(shell: Shell, name: string, codec: 'json' | 'structured' = 'structured'): Dict {
  return api().SharedDict.open(name, { ...shell.place, localCache: false, codec });
}

/** Calls `work` with a dictionary, which is closed afterwards. */
export async function using<T>(dict: Dict, work: (dict: Dict) => Promise<T> | T): Promise<T> {
  try {
    return await work(dict);
  } finally {
    dict.close();
  }
}

/** Returns whether the file belongs to another user, whose bytes no decoder of V8 should get. */
export function isForeign(dict: Dict): boolean {
  return process.geteuid !== undefined && fs.statSync(dict.path).uid !== process.geteuid();
}
