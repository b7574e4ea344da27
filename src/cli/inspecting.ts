// What the command line knows of the inspector, whose server and page are files of their own.
import type { Shell } from './shell.js';

export interface InspectorOptions {
  readonly shell: Shell;
  /** 0: one that is free. */
  readonly port: number;
  /** Whether the page may change entries, and open dictionaries for writing to hear of changes. */
  readonly readWrite: boolean;
}

/** A running inspector. */
export interface Inspector {
  readonly port: number;
  /** Returns an address that opens the page once, within some minutes. */
  newAddress(): string;
  close(): Promise<void>;
}

export interface Inspecting {
  startInspector(options: InspectorOptions): Promise<Inspector>;
}

/** Returns the inspector, loaded when it is asked for. */
export function inspecting(): Inspecting {
  // The file that the bundler makes of src/inspect.
  return require('./inspector.js') as Inspecting;
}
