// The socket.io application: messages reach the clients of all workers, before and after one was killed.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SharedDict, SharedRing } from 'shmkit';
import { killProcess, runProgram, start } from '../application.mjs';

const NAME = 'socket.io';

test('socket.io: clients of four workers hear each other, also after one was killed', async (t) => {
  t.after(() => {
    // The list outlives its servers, and the ring of the last one that was killed has no server left to remove it.
    SharedDict.unlink('example-socket.io.members');
    SharedRing.prune({ prefix: 'example-socket.io' });
  });
  const { port, pids } = await start(t, NAME);
  const chat = () => runProgram(NAME, ['client.mjs'], { PORT: String(port) });
  assert.match(chat(), /connected to 4 workers\neach heard 8 sentences; the room has 8 clients/u);
  await killProcess(pids[0]);
  assert.match(chat(), /each heard 8 sentences/u);
});
