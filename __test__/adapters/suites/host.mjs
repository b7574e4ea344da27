// What the suites share: dictionaries and servers that go with their test.
import { once } from 'node:events';
import fs from 'node:fs';
import http from 'node:http';
import { SharedDict } from 'shmkit';

let made = 0;

/** Creates a dictionary for a test. */
export function makeDict(t, options = '4mb') {
  made += 1;
  const dict = SharedDict.create(`adapters-${process.pid}-${made}`, options);
  t.after(() => dict.close());
  return dict;
}

/** Returns a dictionary without room for more than a few small entries. */
export function fullDict(t) {
  const dict = makeDict(t, '64kb');
  const fill = (text) => {
    try {
      for (let index = 0; ; index += 1) dict.set(`fill:${text.length}:${index}`, text);
    } catch (error) {
      if (error.code !== 'ERR_SHM_FULL') throw error;
    }
  };
  for (const length of [4000, 1000, 200, 40, 8, 1]) fill('x'.repeat(length));
  return dict;
}

/** Serves a handler and returns its address. */
export async function listen(t, handler) {
  const server = http.createServer(handler).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    server.close();
    server.closeAllConnections();
  });
  return `http://127.0.0.1:${server.address().port}`;
}

/** Returns the statuses of requests, one after another. */
export async function statusesOf(url, count, options) {
  const statuses = [];
  for (let request = 0; request < count; request += 1) statuses.push((await fetch(url, options)).status);
  return statuses;
}

/** The three ways in which a dictionary fails an adapter, each as a function that returns one. */
export const BROKEN = {
  full: fullDict,
  closed(t) {
    const dict = makeDict(t);
    dict.close();
    return dict;
  },
};

/** Returns a dictionary whose value under `key` is a text of another program. */
export function foreign(t, key) {
  const dict = makeDict(t);
  dict.set(key, 'a text');
  return dict;
}

/** Returns whether the installed version of a package is at least this one. */
export function isAtLeast(t, name, major, minor = 0) {
  const { version } = JSON.parse(fs.readFileSync(new URL(`../node_modules/${name}/package.json`, import.meta.url), 'utf8'));
  t.diagnostic(`${name} ${version}`);
  const [first, second] = version.split('.').map(Number);
  return first > major || (first === major && second >= minor);
}
