import type { Pod } from '#api/generated/kubernetes.ts';
import { PlatformError } from '#kit/errors.ts';

/** Labels of names have at most 63 characters (RFC 1123), a host's whole name 64 (kernel HOST_NAME_MAX). */
const LABEL_LENGTH = 63;
const HOSTNAME_LENGTH = 64;
/** Upstream's default `--cluster-domain`. */
const CLUSTER_DOMAIN = 'cluster.local';

/** The pod's name in its own network, without a domain. Pure. */
export function shortNameOf({ spec, metadata }: Pod): string {
  return spec.hostnameOverride ?? (spec.hostname ?? metadata.name).slice(0, LABEL_LENGTH).replace(/[-.]+$/, '');
}

/** Its full name, where `spec.subdomain` gives it one. Pure. */
export function fullNameOf(pod: Pod): string | undefined {
  const { subdomain = '', hostnameOverride } = pod.spec;
  if (subdomain === '' || hostnameOverride !== undefined) return undefined;
  return `${shortNameOf(pod)}.${subdomain}.${pod.metadata.namespace ?? ''}.svc.${CLUSTER_DOMAIN}`;
}

/** The name that a pod's containers see as their own. @throws HostnameTooLong for a full name that no host can have. Pure. */
export function hostnameOf(pod: Pod): string {
  const full = pod.spec.setHostnameAsFQDN === true ? fullNameOf(pod) : undefined;
  if (full !== undefined && full.length > HOSTNAME_LENGTH) throw new HostnameTooLong(full);
  return full ?? shortNameOf(pod);
}

class HostnameTooLong extends PlatformError {
  constructor(name: string) {
    super({
      code: 'FailedPrecondition',
      reason: 'HostnameTooLong',
      message: `failed to construct FQDN from pod hostname and cluster domain, FQDN ${name} is too long (${HOSTNAME_LENGTH} characters is the max, ${name.length} characters requested)`,
    });
  }
}
