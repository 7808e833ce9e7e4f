import { addQuantity, compareQuantity, parseQuantity, type Quantity } from '#kit/quantity.ts';
import type { Container, Pod } from './generated/kubernetes.ts';

/** Amounts by the name of what they are of (`cpu`, `memory`, …). */
export type Amounts = Readonly<Record<string, Quantity>>;

/** Reads amounts of a stored object; what is no quantity counts as nothing. */
export function amountsOf(texts: Readonly<Record<string, string>> | undefined): Amounts {
  return Object.fromEntries(
    Object.entries(texts ?? {}).flatMap(([name, text]) => {
      const parsed = parseQuantity(text);
      return parsed.ok ? [[name, parsed.value] as const] : [];
    }),
  );
}

/** The sums of two sets of amounts. */
export function addAmounts(a: Amounts, b: Amounts): Amounts {
  const sums = Object.entries(b).map(([name, amount]) => {
    const other = Object.hasOwn(a, name) ? a[name] : undefined;
    return [name, other === undefined ? amount : addQuantity(other, amount)] as const;
  });
  return { ...a, ...Object.fromEntries(sums) };
}

function largerOf(a: Amounts, b: Amounts): Amounts {
  const larger = Object.entries(b).filter(([name, amount]) => {
    const other = Object.hasOwn(a, name) ? a[name] : undefined;
    return other === undefined || compareQuantity(amount, other) > 0;
  });
  return { ...a, ...Object.fromEntries(larger) };
}

/**
 * What a pod needs (or may use) at its worst moment: all containers with their sidecars, or one that runs before them with the sidecars started so far
 * (component-helpers resource `PodRequests`, `PodLimits`).
 */
export function podAmounts({ spec }: Pod, list: 'requests' | 'limits'): Amounts {
  const amounts = (container: Container): Amounts => amountsOf(container.resources?.[list]);
  let sidecars: Amounts = {};
  let before: Amounts = {};
  for (const container of spec.initContainers ?? []) {
    if (container.restartPolicy === 'Always') sidecars = addAmounts(sidecars, amounts(container));
    const now = container.restartPolicy === 'Always' ? sidecars : addAmounts(sidecars, amounts(container));
    before = largerOf(before, now);
  }
  const running = spec.containers.reduce((sum, container) => addAmounts(sum, amounts(container)), sidecars);
  return addAmounts(largerOf(running, before), amountsOf(spec.overhead));
}
