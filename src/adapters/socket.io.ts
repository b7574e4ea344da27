// An adapter for socket.io: broadcasts to the sockets of all processes of a machine.
import { randomUUID } from 'node:crypto';
import { deserialize, serialize } from 'node:v8';
import { requirePeer } from './peer.js';
import { type BusOptions, RingBus } from './socket.io-bus.js';

interface Message {
  uid: string;
  nsp: string;
  type: number;
  data?: unknown;
}
interface Base {
  readonly uid: string;
  readonly nsp: { name: string };
  onMessage(message: Message): void;
  onResponse(response: Message): void;
  close(): void;
}
interface HeartbeatOptions {
  /** In ms. Default 5000. */
  heartbeatInterval?: number | undefined;
  /** In ms. Default 10000. */
  heartbeatTimeout?: number | undefined;
}
/** What goes over the rings: a message for all adapters of its namespace, or a response for one. The sender is a bus. */
interface Envelope {
  sender: string;
  to?: string;
  message: Message;
}

const { ClusterAdapterWithHeartbeat, MessageType } = requirePeer(
  'socket.io-adapter',
  'socket.io',
  (): { ClusterAdapterWithHeartbeat: new (nsp: unknown, options: object) => Base; MessageType: { ADAPTER_CLOSE: number; SERVER_SIDE_EMIT: number } } => require('socket.io-adapter'),
);

/** Returns what `io.adapter` takes. All namespaces of this server share one ring. */
export function createAdapter(options: BusOptions & HeartbeatOptions = {}) {
  const { heartbeatInterval = 5000, heartbeatTimeout = 10_000, ...busOptions } = options;
  const local = new Set<ShmAdapter>();
  /** The adapters in other processes, by the bus that they use. */
  const remote = new Map<string, Set<string>>();
  let unreadable = 0;
  let bus: RingBus | undefined;

  class ShmAdapter extends ClusterAdapterWithHeartbeat {
    constructor(nsp: unknown) {
      super(nsp, { heartbeatInterval, heartbeatTimeout });
      bus ??= new RingBus(`${process.pid}.${randomUUID()}`, busOptions, { received, members: forgetAllBut });
      local.add(this);
    }

    /** How many messages were dropped: by this process, as another's ring was full, or as they could not be read. */
    get dropped(): number {
      return (bus?.dropped ?? 0) + unreadable;
    }

    async doPublish(message: Message): Promise<string> {
      bus?.send(serialize({ sender: bus.id, message } satisfies Envelope));
      return '';
    }

    async doPublishResponse(requester: string, message: Message): Promise<void> {
      bus?.send(serialize({ sender: bus.id, to: requester, message } satisfies Envelope));
    }

    override close(): void {
      super.close();
      local.delete(this);
      if (local.size > 0) return;
      bus?.close();
      bus = undefined;
    }
  }

  function received(bytes: Buffer): void {
    const envelope = envelopeOf(bytes);
    if (envelope === undefined) {
      unreadable += 1;
      return;
    }
    const { sender, to, message } = envelope;
    const uids = remote.get(sender) ?? new Set();
    remote.set(sender, uids.add(message.uid));
    for (const adapter of local) {
      if (to === undefined ? adapter.nsp.name === message.nsp : adapter.uid === to) {
        if (!deliver(adapter, to, message)) unreadable += 1;
      }
    }
  }

  // The base class finds out by its heartbeats as well, but lets requests wait until then.
  function forgetAllBut(ids: ReadonlySet<string>): void {
    for (const [id, uids] of remote) {
      if (ids.has(id)) continue;
      remote.delete(id);
      for (const adapter of local) for (const uid of uids) adapter.onMessage({ uid, nsp: adapter.nsp.name, type: MessageType.ADAPTER_CLOSE });
    }
  }

  // socket.io calls it with `new`, and its types take a function.
  return function shmAdapter(nsp: unknown): ShmAdapter {
    return new ShmAdapter(nsp);
  };
}

/** Returns whether the message was one of socket.io. */
function deliver(adapter: Base, to: string | undefined, message: Message): boolean {
  try {
    if (to === undefined) adapter.onMessage(message);
    else adapter.onResponse(message);
  } catch (error) {
    if (!runsHandlers(message)) return false;
    // Thrown by the application's own handler: as uncaught as in any event, but the next messages still arrive.
    setImmediate(() => {
      throw error;
    });
  }
  return true;
}

function runsHandlers({ type, data }: Message): boolean {
  return type === MessageType.SERVER_SIDE_EMIT && Array.isArray((data as { packet?: unknown } | undefined)?.packet);
}

/** Returns undefined for bytes that another program has sent. */
function envelopeOf(bytes: Buffer): Envelope | undefined {
  try {
    const { sender, to, message }: Envelope = deserialize(bytes);
    const isMessage = [sender, to ?? '', message.uid, message.nsp].every((text) => typeof text === 'string') && typeof message.type === 'number';
    return isMessage ? { sender, message, ...(to === undefined ? {} : { to }) } : undefined;
  } catch {
    return undefined;
  }
}
