// Objects as programs keep them.

/** A session of some 370 bytes of JSON. */
export function session(index) {
  return {
    id: `sess_${String(index).padStart(12, '0')}a8f3`,
    userId: 100_000 + index,
    email: `user${index}@example.com`,
    name: 'Maria Lindqvist',
    roles: ['user', 'editor'],
    createdAt: 1_764_490_000_000 + index,
    lastSeen: 1_764_490_500_000 + index,
    ip: `203.0.113.${index % 250}`,
    userAgent: 'Mozilla/5.0 (X11; Linux x64)',
    verified: true,
    preferences: { theme: 'dark', locale: 'en-GB', notifications: false, pageSize: 50 },
    csrf: 'b1946ac92492d2347c6235b4d2611184',
  };
}

/** An object of three fields. */
export function small(index) {
  return { id: index, name: `item ${index}`, active: index % 2 === 0 };
}

/** Some 100 KB of nested JSON. */
export function large(index) {
  return { version: index, items: Array.from({ length: 270 }, (_, item) => session(item)) };
}

export function numbers(index) {
  return Array.from({ length: 1000 }, (_, item) => (item * 7919 + index) / 8);
}

export function buffers(index) {
  return new Map(Array.from({ length: 10 }, (_, item) => [`part ${item}`, Buffer.alloc(100, index + item)]));
}
