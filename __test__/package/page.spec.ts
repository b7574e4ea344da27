import { execFileSync } from 'node:child_process';
import path from 'node:path';
import test from 'ava';

const ROOT = path.join(__dirname, '..', '..', '..');

test('package: it loads and works when there is no SharedArrayBuffer, as in Electron', (t) => {
  const code =
    "delete globalThis.SharedArrayBuffer; const { SharedDict } = require('.');" +
    "const dict = SharedDict.create('page-' + process.pid, '64kb'); dict.set('a', { b: 1 }); console.log(dict.get('a').b); dict.close();";
  t.is(execFileSync(process.execPath, ['--eval', code], { cwd: ROOT, encoding: 'utf8' }).trim(), '1');
});
