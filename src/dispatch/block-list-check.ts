import { once } from 'node:events';
import { BlockList, type Socket } from 'node:net';
import { ExplainedError } from '../explained-error.js';
import { createAgents, type GuardedAgents } from './guarded-agent.js';

/** Sockets dial what they were told to block. */
export class BlockListError extends ExplainedError {
  override readonly name = 'BlockListError';

  constructor() {
    super(
      `The sockets of this Node (${process.version}) connect to addresses that they were told to block, so the service would be without its second guard against calls into private networks. Run it with the Node that \`npm ci\` installed, or with Node 24 or newer, and without code that is loaded before it and changes \`net\`.`,
    );
  }
}

/** Where nothing listens as a rule; who connects does not get past the machine in any case. */
const DISCARD_PORT = 9;
const PATIENCE_MS = 5_000;

const ADDRESSES: Readonly<Record<string, readonly string[]>> = {
  'one.invalid': ['127.0.0.1'],
  'several.invalid': ['127.0.0.1', '127.0.0.2'],
};

/**
 * Sees for itself that sockets honour `net.BlockList`, which Node 20 takes and ignores: in HTTP and in TLS, for addresses,
 * and for names with one address and with several. Where they do, nothing is sent; where they do not, loopback is called.
 * @param agents that let loopback pass in all but their block list.
 * @throws {BlockListError} when one of them connects, or fails for another reason.
 */
export async function checkBlockList(agents: GuardedAgents = createUnguardedAgents()): Promise<void> {
  const hosts = ['127.0.0.1', ...Object.keys(ADDRESSES)];
  const sockets = [agents.http, agents.https].flatMap((agent) =>
    hosts.map((host) => agent.createConnection({ host, port: DISCARD_PORT }) as Socket),
  );
  const blocked = await Promise.all(sockets.map(isBlocked));
  if (blocked.includes(false)) throw new BlockListError();
}

/** Agents with a block list for loopback, and no other guard. */
function createUnguardedAgents(): GuardedAgents {
  const blockList = new BlockList();
  blockList.addSubnet('127.0.0.0', 8);
  return createAgents({
    objectionTo: () => null,
    lookup: async (hostname) => ADDRESSES[hostname]!.map((address) => ({ address, family: 4 })),
    blockList,
  });
}

async function isBlocked(socket: Socket): Promise<boolean> {
  try {
    await once(socket, 'connect', { signal: AbortSignal.timeout(PATIENCE_MS) });
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ERR_IP_BLOCKED';
  } finally {
    socket.on('error', () => {}).destroy();
  }
}
