import { once } from 'node:events';
import { createServer } from 'node:net';
import { displayHost, LOOPBACK } from '../parts.ts';

/** A port of the platform, and the nodes' own ends of their pods' networks. */
interface ServedPort {
  readonly listen: string;
  readonly port: number;
  readonly gateways: readonly string[];
}

/** Where pods and programs of this machine both reach a port, `HOST:PORT`: of a platform that listens on loopback, where a node hands over what its pods call. */
export async function addressForClients({ listen, port, gateways }: ServedPort): Promise<string> {
  const [gateway] = LOOPBACK.has(listen) ? gateways : [];
  const host = gateway !== undefined && (await isOwn(gateway)) ? gateway : displayHost(listen);
  return `${host}:${port}`;
}

/** True for an address of this machine: a bridge without pods is none that os.networkInterfaces() shows. */
async function isOwn(host: string): Promise<boolean> {
  const probe = createServer();
  try {
    probe.listen({ host, port: 0 });
    await once(probe, 'listening');
    return true;
  } catch {
    // why: whether one may listen there is the question
    return false;
  } finally {
    probe.close();
  }
}
