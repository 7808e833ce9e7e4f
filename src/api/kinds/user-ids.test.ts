import { expect, it } from 'vitest';
import { faultsOf, made } from '#testing/builders/any-kind.ts';

const pod = (securityContext: object, ofContainer: object = {}): readonly string[] =>
  faultsOf('Pod', made('Pod', { spec: { securityContext, containers: [{ name: 'a', image: 'b', securityContext: ofContainer }] } }));
const says = 'must be between 0 and 2147483647, inclusive';

it.each([
  { of: { runAsUser: 2_147_483_648 }, container: {}, faults: [`spec.securityContext.runAsUser: Invalid value: 2147483648: ${says}`] },
  { of: { runAsGroup: -1 }, container: {}, faults: [`spec.securityContext.runAsGroup: Invalid value: -1: ${says}`] },
  { of: { fsGroup: 9007199254740993n }, container: {}, faults: [`spec.securityContext.fsGroup: Invalid value: 9007199254740993: ${says}`] },
  {
    of: { supplementalGroups: [1, -2] },
    container: {},
    faults: [`spec.securityContext.supplementalGroups[1]: Invalid value: -2: ${says}`],
  },
  { of: {}, container: { runAsUser: -3 }, faults: [`spec.containers[0].securityContext.runAsUser: Invalid value: -3: ${says}`] },
  { of: { runAsUser: 0, fsGroup: 2_147_483_647 }, container: { runAsGroup: 1 }, faults: [] },
])('$of and $container', ({ of, container, faults }) => {
  expect(pod(of, container)).toEqual(faults);
});
