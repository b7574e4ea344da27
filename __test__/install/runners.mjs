// Test runners: each evaluates the package in its own way, and fakes clocks and timers.
import fs from 'node:fs';
import path from 'node:path';
import { spawnSync } from 'node:child_process';
import { tool } from './runtimes.mjs';

/** Each prints a line like `Tests: 4 passed`. */
const RUNNERS = {
  // It fails a file whose realm is not collected afterwards.
  'Jest --detectLeaks': [tool('jest', 'bin', 'jest.js'), '--rootDir', '.', '--testRegex', 'jest\\.test\\.cjs$', '--detectLeaks', '--runInBand', '--testTimeout', '30000'],
  Vitest: [tool('vitest', 'vitest.mjs'), 'run', '--root', '.', 'vitest.test.mjs'],
};

/** Runs the tests of a project in each runner; `expect(what, found, wanted)` takes the outcome. */
export function tryRunners({ project, environment, expect }) {
  // Vitest is imported by the test.
  fs.symlinkSync(tool('vitest'), path.join(project, 'node_modules', 'vitest'));
  for (const [title, command] of Object.entries(RUNNERS)) {
    const { stdout, stderr } = spawnSync(process.execPath, command, { cwd: project, env: environment, encoding: 'utf8' });
    const line = `${stdout}\n${stderr}`.split('\n').find((text) => /^\s*Tests:?\s/.test(text));
    expect(title, line?.trim() ?? stderr.trim(), /^Tests:? +\d+ passed(, \d+ total| \(\d+\))$/);
  }
}
