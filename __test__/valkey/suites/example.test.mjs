// The example of the guide: two hosts of three processes each, before one server.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { clientOf, startServer } from '../support/servers.mjs';

const EXAMPLE = fileURLToPath(new URL('../../../examples/two-hosts/main.mjs', import.meta.url));

test('the processes of the example read from shared memory, and all of them see the change', async (t) => {
  const server = await startServer(t);
  const { stdout } = await promisify(execFile)(process.execPath, [EXAMPLE, server.url], { timeout: 60_000 });
  const [, processes, reads, fetches] = /^(\d+) processes read the old price (\d+) times, and saw the new one; the server was asked (\d+) times$/m.exec(stdout).map(Number);
  t.diagnostic(stdout.trim());
  assert.equal(processes, 6);
  assert.ok(reads > 100 && fetches < reads / 10, stdout);
  const admin = await clientOf(t, server.url);
  assert.equal(await admin.sendCommand(['DBSIZE']), 0);
});
