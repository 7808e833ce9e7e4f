import { describe } from 'vitest';
import { CONTRACT_CALL, describeCreation, MIB, WRITER } from '../conformance/csi/creation-contract.ts';
import { FakeDriver } from './fake-driver.ts';

describe('CSI contract: the fake driver, as far as it goes', () => {
  const client = new FakeDriver();
  describeCreation(() => ({
    client,
    create: async (name, requiredBytes = 64n * MIB, capability = WRITER) => {
      const request = { name, capacityRange: { requiredBytes }, volumeCapabilities: [capability] };
      return (await client.controller.createVolume(request, CONTRACT_CALL)).volume?.volumeId ?? '';
    },
  }));
});
