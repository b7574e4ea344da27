// The subpath shmkit/valkey.
export { RemoteDict } from './remote-dict.js';
export { TieredDict } from './tiered-dict.js';
