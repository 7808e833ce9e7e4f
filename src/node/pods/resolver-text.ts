import type { Pod, PodDNSConfig } from '#api/generated/kubernetes.ts';

/**
 * `/etc/resolv.conf` of a pod: that of the host where the pod is on its network or asks for it, with what `dnsConfig` adds. The cluster has no name server of its own;
 * undefined where there is nothing to say. Pure.
 */
export function resolverText({ spec }: Pod, ofHost: string): string | undefined {
  const { dnsPolicy = 'ClusterFirst', hostNetwork, dnsConfig } = spec;
  const isHosts = dnsPolicy === 'Default' || (hostNetwork === true && dnsPolicy !== 'None');
  if (!isHosts && dnsConfig === undefined) return undefined;
  const host = parse(isHosts ? ofHost : '');
  const own = ownOf(dnsConfig);
  const nameservers = [...new Set([...host.nameservers, ...own.nameservers])];
  const searches = [...new Set([...host.searches, ...own.searches])];
  const lines = nameservers.map((address) => `nameserver ${address}`);
  if (searches.length > 0) lines.push(`search ${searches.join(' ')}`);
  const merged = mergeOptions(host.options, own.options);
  if (merged.length > 0) lines.push(`options ${merged.join(' ')}`);
  return `${lines.join('\n')}\n`;
}

interface Resolver {
  readonly nameservers: readonly string[];
  readonly searches: readonly string[];
  readonly options: readonly string[];
}

function ownOf({ nameservers = [], searches = [], options = [] }: PodDNSConfig = {}): Resolver {
  return { nameservers, searches, options: options.map(({ name = '', value }) => (value === undefined ? name : `${name}:${value}`)) };
}

function parse(text: string): Resolver {
  const words = text.split('\n').map((line) => line.trim().split(/\s+/));
  const of = (keyword: string): string[][] => words.filter(([first]) => first === keyword).map(([, ...rest]) => rest);
  return {
    nameservers: of('nameserver').flatMap(([address]) => (address === undefined ? [] : [address])),
    // why the last: it replaces those before it (resolv.conf(5))
    searches: of('search').at(-1) ?? [],
    options: of('options').flat(),
  };
}

/** The pod's own win over the host's of the same name. */
function mergeOptions(host: readonly string[], own: readonly string[]): readonly string[] {
  const nameOf = (option: string): string => option.split(':')[0] ?? option;
  const names = new Set(own.map(nameOf));
  return [...host.filter((option) => !names.has(nameOf(option))), ...own];
}
