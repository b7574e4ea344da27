import fs from 'node:fs';
import Database from 'better-sqlite3';

export const note = 'prepared statements, WAL, synchronous off, in /dev/shm';
export const isCompiled = true;

export function connect(folder) {
  const files = [];
  return {
    table(name) {
      const path = `${folder}/sqlite-${name}.db`;
      const db = new Database(path, { timeout: 5000 });
      files.push(db);
      db.pragma('journal_mode = WAL');
      db.pragma('synchronous = OFF');
      db.exec('CREATE TABLE IF NOT EXISTS entries (key TEXT PRIMARY KEY, value) WITHOUT ROWID');
      const get = db.prepare('SELECT value FROM entries WHERE key = ?').pluck();
      const set = db.prepare('INSERT INTO entries VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value');
      const incr = db.prepare('UPDATE entries SET value = value + 1 WHERE key = ? RETURNING value').pluck();
      const keys = db.prepare('SELECT key FROM entries').pluck();
      return {
        get: (key) => get.get(key),
        set: (key, value) => set.run(key, value),
        incr: (key) => incr.get(key),
        keys: () => keys.all(),
        fill: db.transaction((pairs) => {
          for (const [key, value] of pairs) set.run(key, value);
        }),
        bytes: () => {
          db.pragma('wal_checkpoint(TRUNCATE)');
          return fs.statSync(path).size;
        },
      };
    },
    close: () => {
      for (const db of files) db.close();
    },
  };
}
