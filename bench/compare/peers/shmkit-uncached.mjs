import { connectWith } from './shmkit.mjs';

export const note = 'localCache: false';

export function connect(folder, attach) {
  return connectWith({ localCache: false }, 'uncached', folder, attach);
}
