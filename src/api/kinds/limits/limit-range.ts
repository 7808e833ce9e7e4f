import { compareQuantity, parseQuantity } from '#kit/quantity.ts';
import type { LimitRange, LimitRangeItem } from '../../generated/kubernetes.ts';
import { duplicate, forbidden, invalid, required } from '../../meta/field-error.ts';
import type { FieldError, KindDefinition } from '../../meta/kind.ts';
import { validateMetadata } from '../../meta/validate-metadata.ts';
import { dns1123Subdomain, qualifiedName } from '../../meta/validate-name.ts';
import { limitRanges } from '../../resources.ts';
import { column, nameColumn } from '../columns.ts';
import { withDefaults, withMember } from '../defaulting.ts';
import { PLAIN_KIND } from '../plain-kind.ts';

type Amounts = Readonly<Record<string, string>>;

/** core/v1 LimitRange. */
export const limitRangeKind: KindDefinition<LimitRange> = {
  ...PLAIN_KIND,
  resource: limitRanges,
  schema: 'io.k8s.api.core.v1.LimitRange',
  applyDefaults: (range) => ({
    ...range,
    spec: withMember(withDefaults(range.spec, { limits: [] }), 'limits', (limits) => limits.map(defaultItem)),
  }),
  validate: ({ metadata, spec }) => [
    ...validateMetadata(metadata, { isNamespaced: true, name: dns1123Subdomain }),
    ...validateItems(spec.limits),
  ],
  columns: [nameColumn(), column({ name: 'Created At', description: 'When it was made.' }, ({ metadata }) => metadata.creationTimestamp)],
};

/** What an item for containers leaves out follows from what it says (core/v1 `SetDefaults_LimitRangeItem`). */
function defaultItem(item: LimitRangeItem): LimitRangeItem {
  if (item.type !== 'Container') return item;
  const limit: Amounts = { ...item.max, ...item.default };
  const request: Amounts = { ...item.min, ...limit, ...item.defaultRequest };
  const hasLimit = item.default !== undefined || Object.keys(limit).length > 0;
  const hasRequest = item.defaultRequest !== undefined || Object.keys(request).length > 0;
  return { ...item, ...(hasLimit ? { default: limit } : {}), ...(hasRequest ? { defaultRequest: request } : {}) };
}

function validateItems(items: readonly LimitRangeItem[]): readonly FieldError[] {
  const types = new Set<string>();
  return items.flatMap((item, index) => {
    const field = `spec.limits[${index}]`;
    const type = item.type ?? '';
    const faults = [...validateType(type, `${field}.type`), ...validateForType(item, field), ...validateOrder(item, field)];
    if (types.has(type)) faults.push(duplicate(`${field}.type`, type));
    types.add(type);
    return faults;
  });
}

/** Core helper `IsStandardLimitRangeType`. */
const TYPES = ['Container', 'PersistentVolumeClaim', 'Pod'];

function validateType(type: string, field: string): readonly FieldError[] {
  const faults = qualifiedName(type).map((fault) => invalid(field, type, fault));
  if (faults.length > 0 || type.includes('/') || TYPES.includes(type)) return faults;
  return [invalid(field, type, `must be a standard limit type or fully qualified: write one of ${TYPES.join(', ')}`)];
}

function validateForType(item: LimitRangeItem, field: string): readonly FieldError[] {
  if (item.type === 'Pod') {
    return (['default', 'defaultRequest'] as const)
      .filter((name) => Object.keys(item[name] ?? {}).length > 0)
      .map((name) => forbidden(`${field}.${name}`, "may not be specified when `type` is 'Pod'"));
  }
  const lacksStorage = item.min?.['storage'] === undefined && item.max?.['storage'] === undefined;
  return item.type === 'PersistentVolumeClaim' && lacksStorage
    ? [required(field, 'either minimum or maximum storage value is required, but neither was provided')]
    : [];
}

/** From the least to the most: each has to be at most what follows it (core validation `ValidateLimitRange`). */
const ORDER = ['min', 'defaultRequest', 'default', 'max'] as const;
const WORDS: Readonly<Record<(typeof ORDER)[number], string>> = {
  min: 'min',
  defaultRequest: 'default request',
  default: 'default',
  max: 'max',
};

function validateOrder(item: LimitRangeItem, field: string): readonly FieldError[] {
  const names = new Set(ORDER.flatMap((member) => Object.keys(item[member] ?? {})));
  return [...names].flatMap((name) =>
    ORDER.flatMap((lower, index) => {
      const low = item[lower]?.[name];
      const exceeded = ORDER.slice(index + 1).find((upper) => isMore(low, item[upper]?.[name]));
      if (exceeded === undefined) return [];
      const detail = `${WORDS[lower]} value ${low} is greater than ${WORDS[exceeded]} value ${item[exceeded]?.[name]}`;
      return [invalid(`${field}.${lower}[${name}]`, low, detail)];
    }),
  );
}

function isMore(a: string | undefined, b: string | undefined): boolean {
  const [left, right] = [parseQuantity(a ?? ''), parseQuantity(b ?? '')];
  return left.ok && right.ok && compareQuantity(left.value, right.value) > 0;
}
