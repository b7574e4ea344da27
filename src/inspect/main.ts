// The inspector: a web page of all objects, and its server on this machine. The command line loads this file for `inspect`.
export { startInspector } from './server.js';
