// Which view is shown: the fragment of the address, so that the browser's own buttons work.
import { useEffect, useState } from 'preact/hooks';

export interface Route {
  readonly kind?: string;
  readonly name?: string;
  readonly tab?: string;
}

/** Returns the address of a view. */
export function addressOf(kind: string, name: string, tab?: string): string {
  return `#/${[kind, name, ...(tab === undefined ? [] : [tab])].map(encodeURIComponent).join('/')}`;
}

export function useRoute(): Route {
  const [hash, setHash] = useState(location.hash);
  useEffect(() => {
    const change = () => setHash(location.hash);
    addEventListener('hashchange', change);
    return () => removeEventListener('hashchange', change);
  }, []);
  const [kind, name, tab] = hash.replace(/^#\/?/, '').split('/').map(decodeURIComponent);
  return kind && name ? { kind, name, ...(tab && { tab }) } : {};
}
