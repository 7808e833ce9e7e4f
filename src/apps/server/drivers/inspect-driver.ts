import { dns1123Subdomain } from '#api/meta/validate-name.ts';
import { hasCode, PlatformError } from '#kit/errors.ts';
import { connectCsi, type CsiClient } from '#protocols/csi/client.ts';

/** What a driver says of itself. */
export interface DriverFacts {
  readonly name: string;
  readonly version: string;
  readonly isReady: boolean;
  /** Names of its controller's capabilities, for example `CREATE_DELETE_VOLUME`. */
  readonly capabilities: readonly string[];
  readonly servesController: boolean;
  readonly servesNode: boolean;
}

/** Drivers answer at once or not at all. */
const TIMEOUT_MS = 10_000;

/** A socket that serves no driver that can be used. */
export class DriverRefused extends PlatformError {
  constructor(socketPath: string, fault: string, cause?: unknown) {
    super({
      code: 'FailedPrecondition',
      reason: 'DriverRefused',
      message: `the driver at ${socketPath} ${fault}`,
      details: { socketPath },
      cause,
    });
  }
}

/** Connects to a driver and asks for its name and abilities; the caller closes the connection. @throws DriverRefused */
export async function inspectDriver(socketPath: string): Promise<{ readonly client: CsiClient; readonly facts: DriverFacts }> {
  const client = connectCsi({ socketPath });
  try {
    return { client, facts: await askDriver(client, socketPath) };
  } catch (thrown) {
    client.close();
    if (thrown instanceof DriverRefused) throw thrown;
    const { message } = PlatformError.from(thrown);
    throw new DriverRefused(socketPath, `does not answer (${message}): start it, and see that this user may use its socket`, thrown);
  }
}

async function askDriver(client: CsiClient, socketPath: string): Promise<DriverFacts> {
  const call = { timeoutMs: TIMEOUT_MS };
  const info = await client.identity.getPluginInfo({}, call);
  const name = info.name ?? '';
  const [fault] = dns1123Subdomain(name);
  if (fault !== undefined)
    throw new DriverRefused(socketPath, `calls itself ${JSON.stringify(name)}, which is no name of a driver: ${fault}`);
  const { ready } = await client.identity.probe({}, call);
  const abilities = await client.identity.getPluginCapabilities({}, call);
  const servesController = (abilities.capabilities ?? []).some(({ service }) => service?.type === 'CONTROLLER_SERVICE');
  const controller = servesController ? await client.controller.controllerGetCapabilities({}, call) : {};
  const capabilities = (controller.capabilities ?? []).flatMap(({ rpc }) => (rpc?.type === undefined ? [] : [rpc.type]));
  const servesNode = await answersAsNode(client);
  return { name, version: info.vendorVersion ?? '', isReady: ready ?? true, capabilities, servesController, servesNode };
}

/** False where the socket is that of a controller alone. */
async function answersAsNode(client: CsiClient): Promise<boolean> {
  try {
    await client.node.nodeGetInfo({}, { timeoutMs: TIMEOUT_MS });
    return true;
  } catch (thrown) {
    if (hasCode(thrown, 'Unimplemented')) return false;
    throw thrown;
  }
}
