import type { Step } from './step.ts';

/** Steps that once broke something, the fewest that did; they break nothing any more. */
export interface SimCase {
  /** What broke. */
  readonly name: string;
  readonly seed: number;
  readonly steps: readonly Step[];
}

/** Every case; one that is found is added with its mend. */
export const CASES: readonly SimCase[] = [
  {
    name: 'a volume is detached while it is mounted: the pod came back while its detaching waited for the driver',
    seed: 85,
    steps: [
      { do: 'createClaim', name: 'e', className: 'net', mib: 32, mode: 'ReadWriteMany' },
      { do: 'cordon', node: 0 },
      { do: 'cordon', node: 2 },
      { do: 'wait', ms: 12000 },
      { do: 'createPod', name: 'r', claims: ['e'] },
      { do: 'wait', ms: 12000 },
      { do: 'halt', driver: 'driver-net', ms: 20000 },
      { do: 'deletePod', name: 'r' },
      { do: 'wait', ms: 4000 },
      { do: 'createPod', name: 'r', claims: ['e'] },
      { do: 'wait', ms: 60000 },
    ],
  },
];
