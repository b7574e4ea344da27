// The package's public API, loaded when a command first needs it: `help`, `completion` and `doctor` also work where no
// binary can be loaded.
import type { SharedDict } from 'shmkit';

export type Api = typeof import('shmkit');
export type Dict = SharedDict<unknown>;

export function api(): Api {
  return require('shmkit') as Api;
}
