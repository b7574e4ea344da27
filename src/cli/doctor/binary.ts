// Whether the package works in this process, and with which binary.
import { api } from '../api.js';
import { type Finding, note, ok, problem } from './finding.js';

const VARIABLE = 'NAPI_RS_NATIVE_LIBRARY_PATH';
/** The oldest version of Node.js that the package supports. */
const OLDEST = [18, 20] as const;

export function aboutBinary(): Finding[] {
  return [aboutNode(), aboutAddon(), ...aboutVariable()];
}

/** Returns whether the package could be loaded. */
export function isLoaded(findings: readonly Finding[]): boolean {
  return findings.some(({ about, level }) => about === 'binary' && level === 'ok');
}

function aboutNode(): Finding {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  const here = `Node.js ${process.version}, ${process.platform} ${process.arch}`;
  if (major > OLDEST[0] || (major === OLDEST[0] && minor >= OLDEST[1])) return ok('node', here);
  return problem('node', here, `use Node.js ${OLDEST.join('.')} or newer`);
}

function aboutAddon(): Finding {
  try {
    api();
  } catch (error) {
    return problem('binary', (error as Error).message, 'the message says what was looked for, and why it does not fit; install the package again on this machine');
  }
  return ok('binary', loadedFiles());
}

function loadedFiles(): string {
  return Object.keys(require.cache).filter((file) => file.endsWith('.node')).join(', ') || 'loaded';
}

function aboutVariable(): Finding[] {
  const chosen = process.env[VARIABLE];
  return chosen ? [note('binary', `${VARIABLE} chooses ${chosen}`, `unset ${VARIABLE} to use the installed binary`)] : [];
}
