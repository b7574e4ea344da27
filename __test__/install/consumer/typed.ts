// A TypeScript program that uses the package; compiled under each module resolution, and run.
import { SharedDict, ShmError } from 'shmkit';

const [name, runtime] = process.argv.slice(2) as [string, string];
const shared = SharedDict.open(name);
const before = shared.get(runtime) as number | undefined;
const after: boolean = shared.set(runtime, (before ?? 0) + 1);
shared.close();
try {
  SharedDict.open(`${name}-missing`);
} catch (error) {
  if (after && error instanceof ShmError && error.code === 'ERR_SHM_NOT_FOUND') console.log('works');
}
