import { isRecord } from '#kit/json.ts';
import type { Answered } from './servers.ts';

/** Where two answers to one request differ. */
export interface Difference {
  /** The same for all differences of a kind: what they are compared with the list by. */
  readonly signature: string;
  /** What each says there. */
  readonly stowage: string;
  readonly kubernetes: string;
}

/** What no two servers can have the same. */
const OWN_PATHS = [
  /^\.metadata\.(uid|resourceVersion|creationTimestamp|managedFields|generation|selfLink)$/,
  /^\.spec\.(clusterIP|clusterIPs|healthCheckNodePort|nodeName)$/,
  /^\.spec\.ports\[\d+\]\.nodePort$/,
  /\.(labels|matchLabels)\.(batch\.kubernetes\.io\/)?controller-uid$/,
  /\.(lastTransitionTime|lastUpdateTime|lastProbeTime)$/,
];
/** How much of a value is shown. */
const SHOWN_CHARS = 160;

/** All differences; none where both say the same. `kind` names what was asked about. */
export function differencesOf(kind: string, stowage: Answered, kubernetes: Answered): readonly Difference[] {
  if (isGood(stowage) !== isGood(kubernetes)) {
    const signature = isGood(stowage) ? `${kind}: accepted, wrongly` : `${kind}: refused, wrongly`;
    return [{ signature: `${signature} ${fieldsOf(isGood(stowage) ? kubernetes : stowage)}`, ...saidBy(stowage, kubernetes) }];
  }
  if (isGood(stowage)) return bodyDifferences(kind, stowage.body, kubernetes.body);
  if (stowage.status !== kubernetes.status)
    return [{ signature: `${kind}: refused with ${stowage.status}, not ${kubernetes.status}`, ...saidBy(stowage, kubernetes) }];
  const [ours, theirs] = [causesOf(stowage), causesOf(kubernetes)];
  const only = (some: ReadonlySet<string>, others: ReadonlySet<string>) => [...some].filter((cause) => !others.has(cause));
  return [
    ...only(ours, theirs).map((cause) => ({ signature: `${kind}: fault more: ${cause}`, ...saidBy(stowage, kubernetes) })),
    ...only(theirs, ours).map((cause) => ({ signature: `${kind}: fault less: ${cause}`, ...saidBy(stowage, kubernetes) })),
  ];
}

function isGood({ status }: Answered): boolean {
  return status < 300;
}

function saidBy(stowage: Answered, kubernetes: Answered): Omit<Difference, 'signature'> {
  return { stowage: messageOf(stowage), kubernetes: messageOf(kubernetes) };
}

function messageOf({ status, body }: Answered): string {
  const message = isRecord(body) && typeof body['message'] === 'string' && status >= 300 ? body['message'] : '';
  return `${status} ${message}`.trim().slice(0, SHOWN_CHARS * 3);
}

function fieldsOf(answered: Answered): string {
  const fields = [...causesOf(answered)];
  return fields.length === 0 ? String(answered.status) : fields.toSorted().slice(0, 3).join(', ');
}

/** `reason field` of each cause, list positions left out. */
function causesOf({ body }: Answered): ReadonlySet<string> {
  const details = isRecord(body) ? body['details'] : undefined;
  const causes = isRecord(details) && Array.isArray(details['causes']) ? details['causes'].filter(isRecord) : [];
  return new Set(causes.map(({ reason, field }) => `${String(reason)} ${withoutPlaces(String(field))}`));
}

function bodyDifferences(kind: string, ours: unknown, theirs: unknown): readonly Difference[] {
  const found: Difference[] = [];
  walk('', [ours, theirs], (path, one, other) =>
    found.push({ signature: `${kind}: stored differently at ${withoutPlaces(path)}`, stowage: shown(one), kubernetes: shown(other) }),
  );
  return found;
}

type OnDifference = (path: string, ours: unknown, theirs: unknown) => void;

function walk(path: string, [ours, theirs]: readonly [unknown, unknown], onDifference: OnDifference): void {
  if (path === '.status' || OWN_PATHS.some((own) => own.test(path))) return;
  if (isRecord(ours) && isRecord(theirs)) {
    for (const key of new Set([...Object.keys(ours), ...Object.keys(theirs)]))
      walk(`${path}.${key}`, [ours[key], theirs[key]], onDifference);
  } else if (Array.isArray(ours) && Array.isArray(theirs) && ours.length === theirs.length) {
    for (const [index, item] of ours.entries()) walk(`${path}[${index}]`, [item, theirs[index]], onDifference);
  } else if (!isSame(ours, theirs)) onDifference(path, ours, theirs);
}

function isSame(ours: unknown, theirs: unknown): boolean {
  return JSON.stringify(ours) === JSON.stringify(theirs) || (isTokenVolume(ours) && isTokenVolume(theirs));
}

/** The name that the volume of a pod's own token got. */
function isTokenVolume(value: unknown): boolean {
  return typeof value === 'string' && /^kube-api-access-[a-z0-9]{5}$/.test(value);
}

function shown(value: unknown): string {
  return (value === undefined ? 'absent' : JSON.stringify(value)).slice(0, SHOWN_CHARS);
}

function withoutPlaces(path: string): string {
  return path.replaceAll(/\[\d+\]/g, '[]').replaceAll(/\[[^\]]+\]/g, '[]');
}
