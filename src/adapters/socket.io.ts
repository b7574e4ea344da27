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
/** What goes over the rings: a message for all adapters of its namespace, or a response for one. */
type Envelope = { to?: string; message: Message };

const { ClusterAdapterWithHeartbeat } = requirePeer(
  'socket.io-adapter',
  'socket.io',
  (): { ClusterAdapterWithHeartbeat: new (nsp: unknown, options: object) => Base } => require('socket.io-adapter'),
);

/** Returns what `io.adapter` takes. All namespaces of this server share one ring. */
export function createAdapter(options: BusOptions & HeartbeatOptions = {}) {
  const { heartbeatInterval = 5000, heartbeatTimeout = 10_000, ...busOptions } = options;
  const local = new Set<ShmAdapter>();
  let bus: RingBus | undefined;

  class ShmAdapter extends ClusterAdapterWithHeartbeat {
    constructor(nsp: unknown) {
      super(nsp, { heartbeatInterval, heartbeatTimeout });
      local.add(this);
      bus ??= new RingBus(`${process.pid}.${randomUUID()}`, busOptions, receive);
    }

    /** How many messages were dropped because the ring of another process was full. */
    get dropped(): number {
      return bus?.dropped ?? 0;
    }

    async doPublish(message: Message): Promise<string> {
      bus?.send(serialize({ message } satisfies Envelope));
      return '';
    }

    async doPublishResponse(requester: string, message: Message): Promise<void> {
      bus?.send(serialize({ to: requester, message } satisfies Envelope));
    }

    override close(): void {
      super.close();
      local.delete(this);
      if (local.size > 0) return;
      bus?.close();
      bus = undefined;
    }
  }

  function receive(bytes: Buffer): void {
    const { to, message }: Envelope = deserialize(bytes);
    for (const adapter of local) {
      if (to === undefined ? adapter.nsp.name === message.nsp : adapter.uid === to) deliver(adapter, to, message);
    }
  }

  function deliver(adapter: ShmAdapter, to: string | undefined, message: Message): void {
    if (to === undefined) adapter.onMessage(message);
    else adapter.onResponse(message);
  }

  return ShmAdapter;
}
