// All commands, in the order of the help.
import type { Command } from 'commander';
import { addChannel } from './commands/channel.js';
import { addCheck } from './commands/check.js';
import { addCompletion } from './commands/completion.js';
import { addDel } from './commands/del.js';
import { addDoctor } from './commands/doctor.js';
import { addDump } from './commands/dump.js';
import { addExpire } from './commands/expire.js';
import { addGet } from './commands/get.js';
import { addIncr } from './commands/incr.js';
import { addInspect } from './commands/inspect.js';
import { addKeys } from './commands/keys.js';
import { addLoad } from './commands/load.js';
import { addLocks } from './commands/locks.js';
import { addLs } from './commands/ls.js';
import { addMisses } from './commands/misses.js';
import { addPrune } from './commands/prune.js';
import { addQueue } from './commands/queue.js';
import { addRing } from './commands/ring.js';
import { addRm } from './commands/rm.js';
import { addSem } from './commands/sem.js';
import { addSet } from './commands/set.js';
import { addStat } from './commands/stat.js';
import { addTop } from './commands/top.js';
import { addTopKeys } from './commands/top-keys.js';
import { addWatch } from './commands/watch.js';

/** Adds each command to a program. */
export const COMMANDS: ReadonlyMap<string, (program: Command) => void> = new Map([
  ['ls', addLs],
  ['stat', addStat],
  ['top', addTop],
  ['keys', addKeys],
  ['get', addGet],
  ['set', addSet],
  ['incr', addIncr],
  ['del', addDel],
  ['expire', addExpire],
  ['watch', addWatch],
  ['dump', addDump],
  ['load', addLoad],
  ['top-keys', addTopKeys],
  ['misses', addMisses],
  ['check', addCheck],
  ['prune', addPrune],
  ['rm', addRm],
  ['ring', addRing],
  ['channel', addChannel],
  ['queue', addQueue],
  ['locks', addLocks],
  ['sem', addSem],
  ['inspect', addInspect],
  ['doctor', addDoctor],
  ['completion', addCompletion],
]);
