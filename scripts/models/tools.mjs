// What the models need besides Node and Rust: SPIN and a C compiler.
import { outputOf, run, say, SetupError } from '../setup/process.mjs';

/** Debian's packages, and what shows that each is there. */
const PACKAGES = { spin: ['spin', '-V'], gcc: ['gcc', '--version'] };

/** Installs what is missing where that can be done: as root on Debian and its kin. Elsewhere says what to do. */
export function ensureTools() {
  const missing = Object.keys(PACKAGES).filter((name) => {
    const [command, flag] = PACKAGES[name];
    return outputOf(command, [flag]) === null;
  });
  if (missing.length === 0) return;
  const advice = `Debian and Ubuntu: apt-get install ${missing.join(' ')}; others: https://spinroot.com`;
  if (process.getuid?.() !== 0 || outputOf('apt-get', ['--version']) === null) {
    throw new SetupError(`the models need SPIN and a C compiler. ${advice}`);
  }
  say(`installing ${missing.join(' and ')}, which the models need`);
  const options = ['-o', 'DPkg::Lock::Timeout=300', '--yes', '--no-install-recommends'];
  run('apt-get', ['update', '--quiet']);
  run('apt-get', ['install', ...options, ...missing]);
}
