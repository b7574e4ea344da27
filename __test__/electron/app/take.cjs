'use strict';

/** Reads what plain Node wrote, and leaves word of who did. */
exports.take = (dict, who) => {
  const { when, bytes } = dict.get('from node');
  if (when.getTime() !== 1 || bytes.toString() !== 'bytes') throw new Error(`${who} read something else`);
  dict.set(who, { pid: process.pid, bytes: Buffer.from(who) });
  dict.incr('count', 1, { init: 0 });
};
