import { lookup as lookupAnywhere, type LookupAddress, type LookupOptions } from 'node:dns';
import { BlockList, isIP } from 'node:net';
import { networkInterfaces } from 'node:os';
import { FillRefused } from './fill-errors.ts';

export { lookupAnywhere };

/** Told what a name means, as `net.connect` wants it. */
type Told = (error: NodeJS.ErrnoException | null, address: string | LookupAddress[], family?: number) => void;

/** The host of an address, without the brackets of IPv6. */
export function bareHost({ hostname }: URL): string {
  return hostname.replace(/^\[(.*)\]$/, '$1');
}

/** Looks a name up, and refuses addresses of this machine and of the network between it and its cloud: whoever may order an archive must not reach what listens there. */
export function lookupElsewhere(hostname: string, options: LookupOptions, told: Told): void {
  lookupAnywhere(hostname, { ...options, all: true }, (error, addresses) => {
    const [first] = addresses ?? [];
    if (error !== null || first === undefined) return told(error, []);
    if (addresses.some(({ address }) => isOfThisMachine(address))) return told(refusedAddress(hostname), []);
    return options.all === true ? told(null, addresses) : told(null, first.address, first.family);
  });
}

/** True for addresses that lead to this machine, or only to its own link. */
export function isOfThisMachine(address: string): boolean {
  const plain = address.replace(/^::ffff:(?=\d+\.)/i, '');
  if (isOf(blocked, plain)) return true;
  return Object.values(networkInterfaces()).some((list = []) => list.some((own) => own.address === plain));
}

/** What is said of such an address. */
export function refusedAddress(hostname: string): FillRefused {
  return new FillRefused(
    `${hostname} is an address of this machine, where archives are not fetched from: use a server elsewhere, or have an administrator allow it (stowage up --archive-hosts ${hostname})`,
  );
}

function isOf(list: BlockList, address: string): boolean {
  return list.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4');
}

/** Loopback, link-local (with the metadata service of clouds), unspecified, multicast. */
const blocked = new BlockList();
blocked.addSubnet('127.0.0.0', 8, 'ipv4');
blocked.addSubnet('0.0.0.0', 8, 'ipv4');
blocked.addSubnet('169.254.0.0', 16, 'ipv4');
blocked.addSubnet('224.0.0.0', 4, 'ipv4');
blocked.addAddress('::1', 'ipv6');
blocked.addAddress('::', 'ipv6');
blocked.addSubnet('::ffff:0:0', 96, 'ipv6');
blocked.addSubnet('fe80::', 10, 'ipv6');
blocked.addSubnet('ff00::', 8, 'ipv6');
