// The tools that the models need besides Node.js and Rust: SPIN and a C compiler.
import { outputOf, run, say, SetupError } from '../setup/process.mjs';

/** Debian's packages, with a command that proves that each is installed. */
const PACKAGES = { spin: ['spin', '-V'], gcc: ['gcc', '--version'] };

/** Installs missing tools as root on Debian and its derivatives; elsewhere throws an error that says what to install. */
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
