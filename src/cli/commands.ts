// All commands, in the order of the help.
import type { Command } from 'commander';
import { addGet } from './commands/get.js';
import { addKeys } from './commands/keys.js';
import { addLs } from './commands/ls.js';
import { addPrune } from './commands/prune.js';
import { addRm } from './commands/rm.js';
import { addStat } from './commands/stat.js';

export const COMMANDS: ReadonlyArray<(program: Command) => void> = [addLs, addStat, addKeys, addGet, addPrune, addRm];
