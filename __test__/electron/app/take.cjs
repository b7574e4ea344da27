'use strict';

/** Reads what plain Node wrote, and records which process did. */
exports.take = (dict, role) => {
  const { when, bytes } = dict.get('from node');
  if (when.getTime() !== 1 || bytes.toString() !== 'bytes') throw new Error(`${role} read something else`);
  dict.set(role, { pid: process.pid, bytes: Buffer.from(role) });
  dict.incr('count', 1, { init: 0 });
};
