// Certificates for tests, made with openssl: an authority, and a server of 127.0.0.1 that it signs.
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

/** Makes a folder with `ca.crt`, `server.crt` and `server.key`, and removes it at the end of the test. */
export function makeCertificates(t) {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'shmkit-certificates-'));
  t.after(() => fs.rmSync(folder, { recursive: true, force: true }));
  const openssl = (...args) => {
    const { status, stderr, error } = spawnSync('openssl', args, { cwd: folder, encoding: 'utf8' });
    if (status !== 0) throw new Error(`openssl ${args[0]}: ${error?.message ?? stderr}`);
  };
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  openssl('req', '-x509', ...key, '-days', '2', '-subj', '/CN=shmkit test', '-keyout', 'ca.key', '-out', 'ca.crt');
  openssl('req', ...key, '-subj', '/CN=127.0.0.1', '-keyout', 'server.key', '-out', 'server.csr');
  fs.writeFileSync(path.join(folder, 'names'), 'subjectAltName=IP:127.0.0.1\n');
  openssl('x509', '-req', '-in', 'server.csr', '-CA', 'ca.crt', '-CAkey', 'ca.key', '-CAcreateserial', '-days', '2', '-extfile', 'names', '-out', 'server.crt');
  const read = (name) => fs.readFileSync(path.join(folder, name));
  return { folder, ca: read('ca.crt'), cert: read('server.crt'), key: read('server.key') };
}
