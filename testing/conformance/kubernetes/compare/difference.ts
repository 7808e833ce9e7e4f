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
/** How much of a message tells its kind. */
const KIND_CHARS = 140;

/** All differences; none where both say the same. `kind` names what was asked about. */
export function differencesOf(kind: string, stowage: Answered, kubernetes: Answered): readonly Difference[] {
  if (isGood(stowage) !== isGood(kubernetes)) {
    const signature = isGood(stowage) ? `${kind}: accepted, wrongly` : `${kind}: refused, wrongly`;
    return [{ signature: `${signature} ${fieldsOf(isGood(stowage) ? kubernetes : stowage)}`, ...saidBy(stowage, kubernetes) }];
  }
  if (isGood(stowage)) return bodyDifferences(kind, stowage.body, kubernetes.body);
  if (stowage.status !== kubernetes.status)
    return [
      {
        signature: `${kind}: refused with ${stowage.status} ${fieldsOf(stowage)}, not ${kubernetes.status} ${fieldsOf(kubernetes)}`,
        ...saidBy(stowage, kubernetes),
      },
    ];
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
  return fields.length === 0 ? `(${messageKind(answered)})` : fields.toSorted().slice(0, 3).join(', ');
}

/** A message without what is only this request's: names, numbers and values. */
function messageKind({ status, body }: Answered): string {
  const message = isRecord(body) && typeof body['message'] === 'string' ? body['message'] : String(status);
  const plain = message
    .replaceAll(/"(?:[^"\\]|\\.)*"/g, '_')
    .replaceAll(/judge-\d+/g, '_')
    .replaceAll(/\d+/g, '#');
  return plain.replaceAll(/\s+/g, ' ').slice(0, KIND_CHARS);
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
    found.push({
      signature: `${kind}: stored differently at ${withoutPlaces(path)} (${nameOf(one)}, not ${nameOf(other)})`,
      stowage: shown(one),
      kubernetes: shown(other),
    }),
  );
  return found;
}

/** What a value is, so that a field that is merely written otherwise is no excuse for one that has another value. */
function nameOf(value: unknown): string {
  if (value === undefined) return 'absent';
  const text = JSON.stringify(value);
  if (['null', '{}', '[]', '""', '0', 'true', 'false'].includes(text)) return text;
  if (Array.isArray(value)) return 'a list';
  return isRecord(value) ? 'a map' : `a ${typeof value}`;
}

type OnDifference = (path: string, ours: unknown, theirs: unknown) => void;

function walk(path: string, [ours, theirs]: readonly [unknown, unknown], onDifference: OnDifference): void {
  if (path === '.status' || OWN_PATHS.some((own) => own.test(path))) return;
  const inner = innerPairs(path, ours, theirs);
  if (inner !== undefined) for (const [step, one, other] of inner) walk(`${path}${step}`, [one, other], onDifference);
  else if (!isSame(ours, theirs)) onDifference(path, ours, theirs);
}

/** What is compared instead of two values, one by one: members, items; undefined where they are compared as they are. */
function innerPairs(
  path: string,
  ours: unknown,
  theirs: unknown,
): readonly (readonly [step: string, ours: unknown, theirs: unknown])[] | undefined {
  const isMap = isRecord(ours) ? isRecord(theirs) || (theirs === undefined && isFilled(ours)) : ours === undefined && isFilled(theirs);
  if (isMap) {
    const [one, other] = [isRecord(ours) ? ours : {}, isRecord(theirs) ? theirs : {}];
    return [...new Set([...Object.keys(one), ...Object.keys(other)])].map((key) => [`.${key}`, one[key], other[key]]);
  }
  if (!Array.isArray(ours) || !Array.isArray(theirs)) return undefined;
  const [one, other]: readonly [readonly unknown[], readonly unknown[]] = [ours, theirs];
  if (path === '.metadata.finalizers') {
    const has = (list: readonly unknown[], item: unknown): unknown => (list.includes(item) ? item : undefined);
    return [...new Set([...one, ...other])].map((item) => [`.${String(item)}`, has(one, item), has(other, item)]);
  }
  return one.length === other.length ? one.map((item, index) => [`[${index}]`, item, other[index]]) : undefined;
}

/** A map with members is told member by member, also where the other has none at all. */
function isFilled(value: unknown): boolean {
  return isRecord(value) && Object.keys(value).length > 0;
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
