import * as baseline from './baseline-checks.ts';
import type { Check, CheckedPod, Violation } from './checking.ts';
import type { LevelVersion } from './level.ts';
import * as restricted from './restricted-checks.ts';

/** A rule of the Pod Security Standards through the versions. */
interface Rule {
  readonly level: 'baseline' | 'restricted';
  /** Each form of the rule, by the minor version since which it holds, ascending. */
  readonly since: readonly (readonly [minor: number, check: Check])[];
  /** The rule of `baseline` whose place this one takes, from its first version on. */
  readonly replaces?: string;
}

/** In the order in which violations are told: baseline first, each level by name (pod-security-admission policy/registry.go). */
const RULES: Readonly<Record<string, Rule>> = {
  appArmorProfile: { level: 'baseline', since: [[0, baseline.appArmorProfile]] },
  capabilities_baseline: { level: 'baseline', since: [[0, baseline.baselineCapabilities]] },
  hostNamespaces: { level: 'baseline', since: [[0, baseline.hostNamespaces]] },
  hostPathVolumes: { level: 'baseline', since: [[0, baseline.hostPathVolumes]] },
  hostPorts: { level: 'baseline', since: [[0, baseline.hostPorts]] },
  hostProbesAndHostLifecycle: { level: 'baseline', since: [[34, baseline.hostProbesAndLifecycle]] },
  privileged: { level: 'baseline', since: [[0, baseline.privileged]] },
  procMount: {
    level: 'baseline',
    since: [
      [0, baseline.procMount],
      [35, baseline.procMountOfHostUsers],
    ],
  },
  seLinuxOptions: {
    level: 'baseline',
    since: [
      [0, baseline.seLinuxOptions],
      [31, baseline.seLinuxOptionsWithEngine],
    ],
  },
  seccompProfile_baseline: {
    level: 'baseline',
    since: [
      [0, baseline.seccompAnnotations],
      [19, baseline.seccompProfile],
    ],
  },
  sysctls: {
    level: 'baseline',
    since: [0, 27, 29, 32].map((minor) => [minor, baseline.sysctlsSince(minor)] as const),
  },
  windowsHostProcess: { level: 'baseline', since: [[0, baseline.windowsHostProcess]] },
  allowPrivilegeEscalation: {
    level: 'restricted',
    since: [
      [8, restricted.allowPrivilegeEscalation],
      [25, restricted.unlessWindows(restricted.allowPrivilegeEscalation)],
    ],
  },
  capabilities_restricted: {
    level: 'restricted',
    since: [
      [22, restricted.restrictedCapabilities],
      [25, restricted.unlessWindows(restricted.restrictedCapabilities)],
    ],
    replaces: 'capabilities_baseline',
  },
  procMount_restricted: { level: 'restricted', since: [[35, baseline.procMount]], replaces: 'procMount' },
  restrictedVolumes: { level: 'restricted', since: [[0, restricted.restrictedVolumes]], replaces: 'hostPathVolumes' },
  runAsNonRoot: {
    level: 'restricted',
    since: [
      [0, restricted.runAsNonRoot],
      [35, restricted.unlessInUserNamespace(restricted.runAsNonRoot)],
    ],
  },
  runAsUser: {
    level: 'restricted',
    since: [
      [23, restricted.runAsUser],
      [35, restricted.unlessInUserNamespace(restricted.runAsUser)],
    ],
  },
  seccompProfile_restricted: {
    level: 'restricted',
    since: [
      [19, restricted.restrictedSeccompProfile],
      [25, restricted.unlessWindows(restricted.restrictedSeccompProfile)],
    ],
    replaces: 'seccompProfile_baseline',
  },
};

/** What of a pod a level of a version does not allow; empty = it may be. */
export function evaluatePodSecurity({ level, minor }: LevelVersion, pod: CheckedPod): readonly Violation[] {
  if (level === 'privileged') return [];
  const version = minor === 'latest' ? Infinity : minor;
  const inForce = Object.entries(RULES).flatMap(([id, rule]) => {
    const check = rule.since.findLast(([since]) => since <= version)?.[1];
    const applies = rule.level === 'baseline' || level === 'restricted';
    return check === undefined || !applies ? [] : [{ id, check, replaces: rule.replaces }];
  });
  const replaced = new Set(inForce.map(({ replaces }) => replaces));
  return inForce.filter(({ id }) => !replaced.has(id)).flatMap(({ check }) => check(pod) ?? []);
}

/** For example `host namespaces (hostPID=true), privileged (container "a" must not …)`. */
export function describeViolations(violations: readonly Violation[]): string {
  return violations.map(({ reason, detail }) => (detail === '' ? reason : `${reason} (${detail})`)).join(', ');
}

/** For example `host namespaces, privileged`. */
export function summarizeViolations(violations: readonly Violation[]): string {
  return violations.map(({ reason }) => reason).join(', ');
}
