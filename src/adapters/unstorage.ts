// A driver for unstorage, and so for Nitro and Nuxt.
import { type SegmentOptions, SharedDict } from 'shmkit';
import { clearPrefix, type Dict } from './entries.js';

type DriverOptions = { dict: Dict; base?: string | undefined } | (SegmentOptions & { name: string; base?: string | undefined });
interface Lifetime {
  ttl?: number | null | undefined;
}

/**
 * Returns a driver over `dict`, or over the dictionary called `name`, which it opens or creates: options in a
 * configuration file must be plain data. An existing dictionary with other options is used as it is, unless `onMismatch`
 * says otherwise. Keys are put under `base`.
 */
function shmDriver(options: DriverOptions) {
  const { dict, isOwn, base } = openFor(options);
  const prefix = base ? `${base}:` : '';
  const keyOf = (key: string): string => prefix + key;
  const read = (key: string): unknown => dict.get(keyOf(key)) ?? null;
  const write = (key: string, value: unknown, { ttl }: Lifetime = {}): void => {
    if (ttl === undefined || ttl === null || ttl === Infinity) dict.set(keyOf(key), value);
    else if (ttl < 0) dict.delete(keyOf(key));
    else dict.set(keyOf(key), value, ttl);
  };
  return {
    name: 'shm',
    options,
    flags: { ttl: true, maxDepth: false },
    getInstance: () => dict,
    hasItem: (key: string) => dict.has(keyOf(key)),
    getItem: read,
    getItemRaw: read,
    getItems(items: Array<{ key: string }>) {
      const found = dict.getMany(items.map(({ key }) => keyOf(key)));
      return items.map(({ key }) => ({ key, value: found.get(keyOf(key)) ?? null }));
    },
    setItem: write,
    setItemRaw: write,
    removeItem(key: string) {
      dict.delete(keyOf(key));
    },
    getMeta(key: string) {
      const ttl = dict.ttl(keyOf(key));
      return ttl === undefined ? null : ttl === 0 ? {} : { ttl };
    },
    getKeys: (under = '') => Array.from(dict.keys({ prefix: keyOf(under) }), (key) => key.slice(prefix.length)),
    clear: (under = '') => clearPrefix(dict, keyOf(under)),
    dispose() {
      if (isOwn) dict.close();
    },
  };
}

function openFor(options: DriverOptions): { dict: Dict; isOwn: boolean; base: string | undefined } {
  if ('dict' in options) return { dict: options.dict, isOwn: false, base: options.base };
  // What else a configuration holds, such as `driver`, is unstorage's.
  const { name, base, driver: _driver, ...segment } = options as typeof options & { driver?: unknown };
  // A configuration changes with a deployment, while servers with the old one still have the dictionary open.
  return { dict: SharedDict.openOrCreate<any>(name, { size: '64mb', onMismatch: 'open', ...segment }), isOwn: true, base };
}

export default shmDriver;
