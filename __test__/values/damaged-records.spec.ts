// Bytes of records that a peer could have written.
import fs from 'node:fs';
import test from 'ava';
import { ShmError } from 'shmkit';
import { makeDict, openAgain } from '../support/dict';
import { seeded } from '../support/random';
import { randomValue } from '../support/values';

const ROUNDS = 2000;

test('damaged records and structures are read as some value or refused as corrupt', (t) => {
  const random = seeded(t);
  const dict = makeDict(t, { size: '256kb' });
  const fd = fs.openSync(dict.path, 'r+');
  t.teardown(() => fs.closeSync(fd));
  const outcomes = { read: 0, refused: 0 };
  for (let round = 0; round < ROUNDS; round += 1) {
    const value = round % 2 === 0 ? { marker: 'MARKER'.repeat(3), [`k${random(40)}`]: [1, { deep: 2.5, n: -300 }], own: { [`o${round}`]: null } } : randomValue(random);
    dict.set('key', { 'first marker': 'BEGINNING', value });
    const file = fs.readFileSync(dict.path);
    // The text is at the end of a record: what comes before it are header and bytes.
    const at = file.indexOf('BEGINNING', file.indexOf('key'));
    const positions = [at - 1 - random(60), file.indexOf('["first marker"') - 2 + random(40)];
    const damaged = positions[random(4) === 0 ? 1 : 0] as number;
    const before = file.subarray(damaged, damaged + 1);
    fs.writeSync(fd, Buffer.of(random(256)), 0, 1, damaged);
    const reader = openAgain(t, dict, { readOnly: true, localCache: false });
    try {
      reader.get('key');
      outcomes.read += 1;
    } catch (error) {
      if (!(error instanceof ShmError) || !['ERR_SHM_CORRUPT', 'ERR_SHM_UNSUPPORTED', 'ERR_SHM_WRONG_TYPE'].includes(error.code)) throw error;
      outcomes.refused += 1;
    }
    reader.close();
    fs.writeSync(fd, before, 0, 1, damaged);
  }
  t.log(outcomes);
  t.true(outcomes.read > 100 && outcomes.refused > 100);
});

test('a record that names a structure which does not exist is corrupt', (t) => {
  const dict = makeDict(t);
  dict.set('key', { name: 'UNIQUE TEXT' });
  const file = fs.readFileSync(dict.path);
  const at = file.indexOf('UNIQUE TEXT', file.indexOf('["name"]') + 8);
  const record = file.lastIndexOf(Buffer.of(0xcd, 0, 0), at);
  t.true(record > 0 && at - record < 10);
  const fd = fs.openSync(dict.path, 'r+');
  fs.writeSync(fd, Buffer.of(0xcd, 9, 0), 0, 3, record);
  fs.closeSync(fd);
  const error = t.throws(() => dict.get('key')) as Error & { code: string; key: string };
  t.is(error.code, 'ERR_SHM_CORRUPT');
  t.is(error.key, 'key');
});
