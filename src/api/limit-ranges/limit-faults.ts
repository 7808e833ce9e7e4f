import { compareQuantity, formatQuantity, parseQuantity, type Quantity } from '#kit/quantity.ts';
import type { Container, LimitRange, LimitRangeItem, PersistentVolumeClaim, Pod } from '../generated/kubernetes.ts';
import { type Amounts, amountsOf, podAmounts } from '../pod-resources.ts';

interface Asked {
  readonly requests: Amounts;
  readonly limits: Amounts;
}

/** What a pod asks against the ranges of its namespace, in upstream's words (limitranger `PodValidateLimitFunc`). */
export function podLimitFaults(pod: Pod, ranges: readonly LimitRange[]): readonly string[] {
  return itemsOf(ranges).flatMap((item) => {
    switch (item.type) {
      case 'Container':
        return [...pod.spec.containers, ...(pod.spec.initContainers ?? [])].flatMap((container) => faultsOf(item, askedBy(container)));
      case 'Pod':
        return faultsOf(item, { requests: podAmounts(pod, 'requests'), limits: podAmounts(pod, 'limits') });
      default:
        return [];
    }
  });
}

/** What a claim asks against the ranges of its namespace (limitranger `PersistentVolumeClaimValidateLimitFunc`). */
export function claimLimitFaults({ spec }: PersistentVolumeClaim, ranges: readonly LimitRange[]): readonly string[] {
  const requests = amountsOf(spec.resources?.requests);
  return itemsOf(ranges)
    .filter(({ type }) => type === 'PersistentVolumeClaim')
    .flatMap((item) => [
      ...Object.entries(item.min ?? {}).flatMap(([name, least]) =>
        tooLittle(item, { name, least, ...usedFor(name, { requests, limits: {} }) }),
      ),
      ...Object.entries(item.max ?? {}).flatMap(([name, most]) => {
        const request = requests[name];
        return request !== undefined && isMore(request, most)
          ? [`maximum ${name} usage per ${item.type} is ${most}, but request is ${formatQuantity(request)}`]
          : [];
      }),
    ]);
}

function itemsOf(ranges: readonly LimitRange[]): readonly LimitRangeItem[] {
  return ranges.flatMap(({ spec }) => spec.limits);
}

function askedBy({ resources }: Container): Asked {
  return { requests: amountsOf(resources?.requests), limits: amountsOf(resources?.limits) };
}

function faultsOf(item: LimitRangeItem, asked: Asked): readonly string[] {
  return [
    ...Object.entries(item.min ?? {}).flatMap(([name, least]) => tooLittle(item, { name, least, ...usedFor(name, asked) })),
    ...Object.entries(item.max ?? {}).flatMap(([name, most]) => tooMuch(item, { name, most, ...usedFor(name, asked) })),
    ...Object.entries(item.maxLimitRequestRatio ?? {}).flatMap(([name, ratio]) => tooFar(item, { name, ratio, ...usedFor(name, asked) })),
  ];
}

interface Used {
  readonly request: Quantity | undefined;
  readonly limit: Quantity | undefined;
}

function usedFor(name: string, { requests, limits }: Asked): Used {
  return { request: requests[name], limit: limits[name] };
}

function isMore(amount: Quantity, bound: string): boolean {
  const parsed = parseQuantity(bound);
  return parsed.ok && compareQuantity(amount, parsed.value) > 0;
}

function isLess(amount: Quantity, bound: string): boolean {
  const parsed = parseQuantity(bound);
  return parsed.ok && compareQuantity(amount, parsed.value) < 0;
}

type MinStep = Used & { readonly name: string; readonly least: string };

function tooLittle({ type }: LimitRangeItem, { name, least, request, limit }: MinStep): readonly string[] {
  const rule = `minimum ${name} usage per ${type} is ${least}`;
  if (request === undefined) return [`${rule}.  No request is specified`];
  if (isLess(request, least)) return [`${rule}, but request is ${formatQuantity(request)}`];
  return limit !== undefined && isLess(limit, least) ? [`${rule}, but limit is ${formatQuantity(limit)}`] : [];
}

type MaxStep = Used & { readonly name: string; readonly most: string };

function tooMuch({ type }: LimitRangeItem, { name, most, request, limit }: MaxStep): readonly string[] {
  const rule = `maximum ${name} usage per ${type} is ${most}`;
  if (limit === undefined) return [`${rule}.  No limit is specified`];
  if (isMore(limit, most)) return [`${rule}, but limit is ${formatQuantity(limit)}`];
  return request !== undefined && isMore(request, most) ? [`${rule}, but request is ${formatQuantity(request)}`] : [];
}

type RatioStep = Used & { readonly name: string; readonly ratio: string };

function tooFar({ type }: LimitRangeItem, { name, ratio, request, limit }: RatioStep): readonly string[] {
  const rule = `${name} max limit to request ratio per ${type} is ${ratio}`;
  if (request === undefined || request.mantissa === 0n) return [`${rule}, but no request is specified or request is 0`];
  if (limit === undefined || limit.mantissa === 0n) return [`${rule}, but no limit is specified or limit is 0`];
  const allowed = numberOf(parseQuantity(ratio));
  const found = numberOf({ ok: true, value: limit }) / numberOf({ ok: true, value: request });
  return found > allowed ? [`${rule}, but provided ratio is ${found.toFixed(6)}`] : [];
}

function numberOf(parsed: ReturnType<typeof parseQuantity>): number {
  return parsed.ok ? Number(parsed.value.mantissa) * 10 ** parsed.value.exponent : Number.POSITIVE_INFINITY;
}
