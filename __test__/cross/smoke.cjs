// The package on another system: set, get, incr, expire; two processes, one of which is killed. Then the other kinds, in
// other-kinds.cjs.
//   node smoke.cjs <report> [<program and arguments that run a script> ...]
// The report is a file, because not every emulator passes pipes on. It ends with `ok` or with the error.
'use strict';
const assert = require('node:assert');
const { spawn } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');
const { ShmError, SharedDict } = require('../../index.js');
const { otherKinds } = require('./other-kinds.cjs');

const [report, ...runner] = process.argv.slice(2);
const [program, ...programArguments] = runner.length > 0 ? runner : [process.execPath];
const KILLS = 5;
const LIMIT_MS = 60_000;
const name = `smoke-${process.pid}`;

function tell(line) {
  fs.appendFileSync(report, `${line}\n`);
}

async function until(what, condition) {
  const end = Date.now() + LIMIT_MS;
  while (!condition()) {
    if (Date.now() > end) throw new Error(`${what}: not within ${LIMIT_MS} ms`);
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
}

function start(role, ...more) {
  const peer = spawn(program, [...programArguments, path.join(__dirname, 'peer.cjs'), name, role, ...more], { stdio: 'ignore' });
  peer.gone = new Promise((resolve) => peer.once('exit', resolve));
  return peer;
}

async function values(dict) {
  const all = { text: 'Grüße', number: -0, big: 2n ** 62n, nothing: null, bytes: Buffer.from([0, 255]), object: { a: [new Date(0)] } };
  for (const [key, value] of Object.entries(all)) {
    assert.strictEqual(dict.set(key, value), true);
    assert.deepStrictEqual(dict.get(key), value, key);
  }
  assert.strictEqual(dict.get('missing'), undefined);
  assert.strictEqual(dict.incr('n', 1, { init: 41 }), 42);
  assert.strictEqual(dict.delete('n'), true);
  dict.set('large', 'x'.repeat(300_000));
  assert.strictEqual(dict.get('large').length, 300_000);
  assert.strictEqual(dict.delete('large'), true);
}

async function expiry(dict) {
  dict.set('short', 1, 0.05);
  dict.set('long', 1, 1000);
  await until('the deadline', () => !dict.has('short'));
  assert.ok(dict.ttl('long') > 900 && dict.ttl('long') <= 1000);
  assert.strictEqual(dict.expire('long', 0.001), true);
  await until('the new deadline', () => dict.get('long') === undefined);
}

async function twoProcesses(dict) {
  dict.set('counter', 0);
  const peer = start('count');
  await until('the peer', () => dict.get('done') === 1000 || dict.get('counter') > 0);
  for (let done = 0; done < 1000; done += 1) dict.incr('counter');
  await until('the peer\'s end', () => dict.get('done') === 1000);
  await peer.gone;
  assert.strictEqual(dict.get('counter'), 2000);
}

async function kills(dict) {
  dict.set('written', 0);
  for (let kill = 0; kill < KILLS; kill += 1) {
    const before = dict.get('written');
    const peer = start('write');
    await until('the writer', () => dict.get('written') > before + 50);
    peer.kill('SIGKILL');
    await peer.gone;
    const written = dict.get('written');
    // The death is noticed at once, so no call waits for it.
    for (let key = 0; key < 100; key += 1) dict.set(`after-${key}`, 'x'.repeat(key));
    assert.strictEqual(dict.incr('written'), written + 1);
    assert.deepStrictEqual(dict.verify(), { ok: true, problems: [] });
    assert.strictEqual(dict.stats().processes, 1);
  }
}

async function leftovers(dict) {
  const owner = start('own');
  const owned = `${name}-owned`;
  await until('the owner', () => dict.get('owning') === true);
  assert.throws(() => SharedDict.create(owned, '64kb'), { code: 'ERR_SHM_EXISTS' });
  owner.kill('SIGKILL');
  await owner.gone;
  const again = SharedDict.create(owned, '64kb');
  assert.strictEqual(again.get('mine'), undefined);
  again.close();
  assert.throws(() => SharedDict.open(owned), (error) => error instanceof ShmError && error.code === 'ERR_SHM_NOT_FOUND');
}

function names(dict) {
  const other = SharedDict.create(name.toUpperCase(), '64kb');
  other.set('a', 'upper');
  dict.set('a', 'lower');
  assert.deepStrictEqual([other.get('a'), dict.get('a')], ['upper', 'lower']);
  assert.ok(SharedDict.list().some((found) => found.name === name.toUpperCase()));
  const replaced = SharedDict.create(name.toUpperCase(), { size: '64kb', replace: true });
  assert.throws(() => other.set('a', 1), { code: 'ERR_SHM_RETIRED' });
  other.close();
  assert.strictEqual(replaced.get('a'), undefined);
  replaced.close();
  const reader = SharedDict.open(name, { readOnly: true });
  assert.strictEqual(reader.get('a'), 'lower');
  assert.throws(() => reader.set('a', 1), { code: 'ERR_SHM_READONLY' });
  reader.close();
}

async function main() {
  tell(`${process.platform} ${process.arch}, Node ${process.versions.node}`);
  const dict = SharedDict.create(name, '2mb');
  tell(`file: ${dict.path}`);
  for (const part of [values, expiry, twoProcesses, kills, leftovers, names]) {
    const since = Date.now();
    await part(dict);
    tell(`${part.name}: ${Date.now() - since} ms`);
  }
  const since = Date.now();
  tell(`other kinds: ${await otherKinds({ name, dict, start, until })}, ${Date.now() - since} ms`);
  dict.close();
  assert.throws(() => SharedDict.open(name), { code: 'ERR_SHM_NOT_FOUND' });
  assert.deepStrictEqual(SharedDict.list().filter((found) => found.name.toLowerCase().startsWith(name)), []);
  tell('ok');
}

main().catch((error) => {
  tell(error.stack);
  process.exit(1);
});
