// Other programs. The module is loaded when one is needed: it takes a tenth of the time in which the command line starts.
export function programs(): typeof import('node:child_process') {
  return require('node:child_process') as typeof import('node:child_process');
}
