import { assert } from '@japa/assert';
import { configure, processCLIArgs, run } from '@japa/runner';

processCLIArgs([]);
configure({ files: ['suites/bentocache.spec.mjs'], plugins: [assert()], forceExit: true });
run();
