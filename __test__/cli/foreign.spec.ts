// shmkit over a dictionary of another user: nothing of it gets to V8's decoder unasked.
import fs from 'node:fs';
import { SharedDict } from 'shmkit';
import { json, shmkit } from '../support/cli';
import { makeDir } from '../support/dict';
import { testAsRoot } from '../support/not-run';

const NOBODY = 65_534;

testAsRoot("get and dump leave objects of another user's dictionary undecoded without --decode", (t) => {
  const dir = makeDir(t);
  const dict = SharedDict.create('theirs', { size: '64kb', dir });
  t.teardown(() => dict.close());
  dict.set('object', new Map([[1, 2]]));
  dict.set('text', 'plain');
  fs.chownSync(dict.path, NOBODY, NOBODY);
  const at = ['--dir', dir, '--trust', String(NOBODY)];
  t.is(shmkit(['get', 'theirs', 'text', '--dir', dir]).code, 5);
  t.is(shmkit(['get', 'theirs', 'text', ...at]).out, 'plain\n');
  t.deepEqual(json('get', 'theirs', 'object', ...at), { $undecoded: 'structured' });
  t.is(shmkit(['dump', 'theirs', ...at]).code, 5);
  t.deepEqual(json('get', 'theirs', 'object', '--decode', ...at), { $map: [[1, 2]] });
  t.is(shmkit(['dump', 'theirs', '--decode', ...at]).code, 0);
});
