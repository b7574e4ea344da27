// Which stored response answers a request.

type Headers = Record<string, string | string[] | null | undefined>;

export interface CacheKey {
  origin: string;
  method: string;
  path: string;
  headers?: Headers | undefined;
}

/** A response without its body. Times are in ms since 1970. */
export interface ResponseHead {
  statusCode: number;
  statusMessage: string;
  headers: Headers;
  vary?: Headers | null | undefined;
  etag?: string | undefined;
  cacheControlDirectives?: object | undefined;
  cachedAt: number;
  staleAt: number;
  deleteAt: number;
}

export interface Variant extends ResponseHead {
  method: string;
  /** The key of the entry that holds the body, unless that is empty. */
  bodyKey?: string;
}

/** Returns the variants in an entry. What another program stored there is none. */
export function variantsIn(value: unknown): readonly Variant[] {
  return Array.isArray(value) ? value : [];
}

export function isAlive({ deleteAt }: Variant): boolean {
  return deleteAt > Date.now();
}

/** Returns the variant that answers a request. */
export function variantFor({ method, headers = {} }: CacheKey, variants: readonly Variant[]): Variant | undefined {
  return variants.find((variant) => variant.method === method && isAlive(variant) && hasHeaders(headers, variant.vary));
}

/**
 * Returns whether a variant gives way to a newer one: both answer the same requests, or the older one the request that the
 * newer one answered, as after a server named other headers in `vary`.
 */
export function isReplaced(older: Variant, newer: Variant, { headers = {} }: CacheKey): boolean {
  if (older.method !== newer.method) return false;
  const [first, second] = [older.vary ?? {}, newer.vary ?? {}];
  return hasHeaders(headers, first) || (Object.keys(first).length === Object.keys(second).length && hasHeaders(first, second));
}

function hasHeaders(headers: Headers, wanted: Headers | null | undefined): boolean {
  return Object.entries(wanted ?? {}).every(([name, value]) => isEqual(headers[name], value));
}

function isEqual(one: Headers[string], other: Headers[string]): boolean {
  if (Array.isArray(one) && Array.isArray(other)) return one.length === other.length && one.every((part, position) => part === other[position]);
  return (one ?? null) === (other ?? null);
}
