import { compareQuantity, parseQuantity, quantityToNumber } from '#kit/quantity.ts';
import type { LimitRange, LimitRangeItem } from '../../generated/kubernetes.ts';
import { duplicate, forbidden, invalid, required } from '../../meta/field-error.ts';
import type { FieldError, KindDefinition } from '../../meta/kind.ts';
import { validateMetadata } from '../../meta/validate-metadata.ts';
import { dns1123Subdomain, qualifiedName } from '../../meta/validate-name.ts';
import { limitRanges } from '../../resources.ts';
import { column, nameColumn } from '../columns.ts';
import { withDefaults, withMember } from '../defaulting.ts';
import { PLAIN_KIND } from '../plain-kind.ts';
import { containerResourceName, resourceName } from './resource-names.ts';

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
    const faults = [
      ...validateType(type, `${field}.type`),
      ...validateNames(item, field),
      ...validateForType(item, field),
      ...validateAmounts(item, field),
    ];
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

/** Members of an item that hold amounts. */
const AMOUNTS = ['max', 'min', 'default', 'defaultRequest', 'maxLimitRequestRatio'] as const;

function validateNames(item: LimitRangeItem, field: string): readonly FieldError[] {
  const validate = item.type === 'Pod' || item.type === 'Container' ? containerResourceName : resourceName;
  // why: what a pod's item must not have at all is told as that
  const members = item.type === 'Pod' ? AMOUNTS.filter((name) => name !== 'default' && name !== 'defaultRequest') : AMOUNTS;
  return members.flatMap((member) => Object.keys(item[member] ?? {}).flatMap((name) => validate(name, `${field}.${member}[${name}]`)));
}

/** Which amounts may be at most which others, and what stands in the refusal (core validation `ValidateLimitRange`). */
const PAIRS = [
  { low: 'min', high: 'max', at: 'min', value: 'min', words: ['min', 'max'] },
  { low: 'min', high: 'defaultRequest', at: 'defaultRequest', value: 'defaultRequest', words: ['min', 'default request'] },
  { low: 'defaultRequest', high: 'max', at: 'defaultRequest', value: 'defaultRequest', words: ['default request', 'max'] },
  { low: 'defaultRequest', high: 'default', at: 'defaultRequest', value: 'defaultRequest', words: ['default request', 'default limit'] },
  { low: 'min', high: 'default', at: 'default', value: 'min', words: ['min', 'default'] },
  { low: 'default', high: 'max', at: 'default', value: 'max', words: ['default', 'max'] },
] as const;

function validateAmounts(item: LimitRangeItem, field: string): readonly FieldError[] {
  const members = item.type === 'Pod' ? (['max', 'min'] as const) : (['max', 'min', 'default', 'defaultRequest'] as const);
  const names = new Set(members.flatMap((member) => Object.keys(item[member] ?? {})));
  return [...names].flatMap((name) => [
    ...validateOrder(item, name, field),
    ...validateRatio(item, name, field),
    ...validateOvercommit(item, name, field),
  ]);
}

function validateOrder(item: LimitRangeItem, name: string, field: string): readonly FieldError[] {
  return PAIRS.flatMap(({ low, high, at, value, words }) => {
    const [less, more] = [item[low]?.[name], item[high]?.[name]];
    if (!isMore(less, more)) return [];
    return [invalid(`${field}.${at}[${name}]`, item[value]?.[name], `${words[0]} value ${less} is greater than ${words[1]} value ${more}`)];
  });
}

function validateRatio({ maxLimitRequestRatio, min, max }: LimitRangeItem, name: string, field: string): readonly FieldError[] {
  const text = maxLimitRequestRatio?.[name];
  const [ratio, least, most] = [text, min?.[name], max?.[name]].map(numberOf);
  if (ratio === undefined) return [];
  const at = `${field}.maxLimitRequestRatio[${name}]`;
  if (ratio < 1) return [invalid(at, text, `ratio ${text} is less than 1`)];
  const isTooMuch = least !== undefined && most !== undefined && ratio > most / least;
  return isTooMuch ? [invalid(at, text, `ratio ${text} is greater than max/min = ${(most / least).toFixed(6)}`)] : [];
}

/** Of what can't be promised twice (GPUs, huge pages) both have to be the same. */
function validateOvercommit(item: LimitRangeItem, name: string, field: string): readonly FieldError[] {
  const [limit, request] = [item.default?.[name], item.defaultRequest?.[name]];
  const mayOvercommit = !name.includes('/') && !name.startsWith('hugepages-');
  if (mayOvercommit || limit === undefined || request === undefined || (!isMore(limit, request) && !isMore(request, limit))) return [];
  const why = `default value ${limit} must equal to defaultRequest value ${request} in ${name}`;
  return [invalid(`${field}.defaultRequest[${name}]`, request, why)];
}

function numberOf(text: string | undefined): number | undefined {
  const parsed = parseQuantity(text ?? '');
  return parsed.ok ? quantityToNumber(parsed.value) : undefined;
}

function isMore(a: string | undefined, b: string | undefined): boolean {
  const [left, right] = [parseQuantity(a ?? ''), parseQuantity(b ?? '')];
  return left.ok && right.ok && compareQuantity(left.value, right.value) > 0;
}
