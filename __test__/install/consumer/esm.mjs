// Like cjs.cjs, as an ES module; the class is the one that CommonJS gets.
import { createRequire } from 'node:module';
import process from 'node:process';
import { SharedDict } from 'shmkit';

const [name, runtime] = process.argv.slice(2);
const same = createRequire(import.meta.url)('shmkit').SharedDict === SharedDict;
const shared = SharedDict.open(name);
shared.update(runtime, (count = 0) => count + 1);
shared.close();
if (same) console.log('works');
