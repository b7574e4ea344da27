// What the doctor found out about one matter.

export interface Finding {
  readonly level: 'ok' | 'note' | 'problem';
  readonly about: string;
  readonly text: string;
  /** What to do; for problems and notes. */
  readonly advice?: string;
}

export function ok(about: string, text: string): Finding {
  return { level: 'ok', about, text };
}

export function note(about: string, text: string, advice: string): Finding {
  return { level: 'note', about, text, advice };
}

export function problem(about: string, text: string, advice: string): Finding {
  return { level: 'problem', about, text, advice };
}
