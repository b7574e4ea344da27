// The subpath shmkit/valkey.
export { RemoteDict } from './remote-dict.js';
