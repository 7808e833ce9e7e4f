import { invalid } from '../meta/field-error.ts';
import type { FieldError } from '../meta/kind.ts';

/** The Pod Security Standards, from loose to strict. */
export type Level = 'privileged' | 'baseline' | 'restricted';

/** A level as it was in one minor version of Kubernetes; `latest` = as it is now. */
export interface LevelVersion {
  readonly level: Level;
  readonly minor: number | 'latest';
}

/** What a namespace asks for: what is refused, what is noted in the audit log, and what is warned of. */
export interface PodSecurityPolicy {
  readonly enforce: LevelVersion;
  readonly audit: LevelVersion;
  readonly warn: LevelVersion;
}

type Mode = keyof PodSecurityPolicy;

/** In front of the labels, and of what is noted in the audit log (pod-security-admission api/constants.go). */
export const POD_SECURITY_PREFIX = 'pod-security.kubernetes.io/';

const LEVELS: readonly Level[] = ['privileged', 'baseline', 'restricted'];
const LOOSEST: LevelVersion = { level: 'privileged', minor: 'latest' };
const LABELS_FIELD = 'metadata.labels';

/** True where nothing is refused, noted or warned of. */
export function isFullyPrivileged({ enforce, audit, warn }: PodSecurityPolicy): boolean {
  return [enforce, audit, warn].every(({ level }) => level === 'privileged');
}

/** Below 0 where `a` is looser than `b`, above where it is stricter. */
export function compareLevels(a: Level, b: Level): number {
  return LEVELS.indexOf(a) - LEVELS.indexOf(b);
}

/** For example `restricted:latest` or `baseline:v1.30`. */
export function formatLevelVersion({ level, minor }: LevelVersion): string {
  return `${level}:${formatMinor(minor)}`;
}

/** For example `latest` or `v1.30`. */
export function formatMinor(minor: LevelVersion['minor']): string {
  return minor === 'latest' ? minor : `v1.${minor}`;
}

/** What the labels of a namespace ask for; what can't be read is a fault, and is taken as restricted for `enforce` and as nothing for the others. */
export function policyOfLabels(labels: Readonly<Record<string, string>> = {}): {
  readonly policy: PodSecurityPolicy;
  readonly faults: readonly FieldError[];
} {
  const faults: FieldError[] = [];
  const read = (mode: Mode): LevelVersion => readMode(labels, mode, faults);
  const [enforce, audit, asked] = [read('enforce'), read('audit'), read('warn')];
  return { policy: { enforce, audit, warn: withDefaultWarning(labels, enforce, asked) }, faults };
}

function readMode(labels: Readonly<Record<string, string>>, mode: Mode, faults: FieldError[]): LevelVersion {
  const fault = (label: string, value: string, detail: string): void => {
    faults.push(invalid(`${LABELS_FIELD}[${label}]`, value, detail));
  };
  const [levelLabel, versionLabel] = [`${POD_SECURITY_PREFIX}${mode}`, `${POD_SECURITY_PREFIX}${mode}-version`];
  const [levelText, versionText] = [labels[levelLabel], labels[versionLabel]];
  const level = levelText === undefined ? LOOSEST.level : parseLevel(levelText);
  if (level === undefined) fault(levelLabel, levelText ?? '', `must be one of ${LEVELS.join(', ')}`);
  const minor = versionText === undefined ? LOOSEST.minor : parseMinor(versionText);
  if (minor === undefined) fault(versionLabel, versionText ?? '', 'must be "latest" or "v1.x"');
  return { level: level ?? (mode === 'enforce' ? 'restricted' : 'privileged'), minor: minor ?? 'latest' };
}

/** Who is told what is refused is also warned of it, unless he says himself what he wants to be warned of. */
function withDefaultWarning(labels: Readonly<Record<string, string>>, enforce: LevelVersion, warn: LevelVersion): LevelVersion {
  const enforceText = labels[`${POD_SECURITY_PREFIX}enforce`];
  const isEnforced = enforceText !== undefined && parseLevel(enforceText) !== undefined;
  if (!isEnforced || labels[`${POD_SECURITY_PREFIX}warn`] !== undefined || compareLevels(enforce.level, warn.level) <= 0) return warn;
  const hasVersion = labels[`${POD_SECURITY_PREFIX}warn-version`] !== undefined;
  return { level: enforce.level, minor: hasVersion ? warn.minor : enforce.minor };
}

function parseLevel(text: string): Level | undefined {
  return LEVELS.find((level) => level === text);
}

function parseMinor(text: string): LevelVersion['minor'] | undefined {
  if (text === 'latest') return text;
  const digits = /^v1\.(0|[1-9]\d*)$/.exec(text)?.[1];
  return digits === undefined ? undefined : Number(digits);
}
