import { describe, expect, it } from 'vitest';
import { CSI_FACTS } from '../csi/facts.ts';
import { createCodecs } from './message-codec.ts';

const messageCodec = createCodecs(CSI_FACTS);

describe('messageCodec', () => {
  it.each([
    { name: 'an empty message', message: 'ProbeRequest', value: {} },
    { name: 'a wrapper', message: 'ProbeResponse', value: { ready: true } },
    { name: 'a false wrapper, which is not absent', message: 'ProbeResponse', value: { ready: false } },
    {
      name: 'sizes beyond 2^53',
      message: 'CapacityRange',
      value: { requiredBytes: 9_223_372_036_854_775_807n, limitBytes: 9_007_199_254_740_993n },
    },
    { name: 'a negative int64', message: 'CapacityRange', value: { requiredBytes: -5n } },
    {
      name: 'an int64 wrapper',
      message: 'GetCapacityResponse',
      value: { availableCapacity: 1n, maximumVolumeSize: 5_000_000_000n, minimumVolumeSize: 0n },
    },
    {
      name: 'an enum of a nested message',
      message: 'VolumeCapability',
      value: { mount: { fsType: 'xfs' }, accessMode: { mode: 'SINGLE_NODE_MULTI_WRITER' } },
    },
    { name: 'an empty oneof member', message: 'VolumeCapability', value: { block: {} } },
    { name: 'a timestamp', message: 'Snapshot', value: { creationTime: { seconds: 1_700_000_000n, nanos: 5 }, readyToUse: true } },
    {
      name: 'maps and lists',
      message: 'CreateVolumeRequest',
      value: {
        name: 'pvc-1',
        parameters: { type: 'file' },
        accessibilityRequirements: { requisite: [{ segments: { a: 'b' } }, { segments: { c: 'd' } }] },
      },
    },
  ])('carries $name there and back', ({ message, value }) => {
    const codec = messageCodec(message);
    expect(codec.decode(codec.encode(value))).toEqual(value);
  });

  it('writes the bytes that protoc writes', () => {
    // source: CreateVolumeRequest{name: "a", capacity_range: {required_bytes: 1}} by hand from the protobuf encoding guide
    expect(
      messageCodec('CreateVolumeRequest')
        .encode({ name: 'a', capacityRange: { requiredBytes: 1n } })
        .toString('hex'),
    ).toBe('0a016112020801');
  });

  it('treats empty lists and maps as absent', () => {
    const codec = messageCodec('CreateVolumeRequest');
    expect(codec.decode(codec.encode({ parameters: {}, volumeCapabilities: [] }))).toEqual({});
  });

  it('keeps an enum number that it does not know, so that a newer driver can be asked', () => {
    const codec = messageCodec('NodeServiceCapability');
    const value = { rpc: { type: '77' } };
    expect(codec.decode(codec.encode(value))).toEqual(value);
  });

  it.each([
    { name: 'an unknown enum name', message: 'VolumeUsage', value: { unit: 'PAGES' }, says: 'PAGES' },
    { name: 'a number where bytes are bigint', message: 'VolumeUsage', value: { total: 5 }, says: 'bigint' },
    { name: 'a size that would become zero', message: 'CapacityRange', value: { requiredBytes: 1n << 64n }, says: '64 bits' },
    { name: 'a size that would become negative', message: 'CapacityRange', value: { limitBytes: 1n << 63n }, says: '64 bits' },
    { name: 'a text where a message belongs', message: 'CreateVolumeRequest', value: { capacityRange: 'x' }, says: 'CapacityRange' },
  ])('refuses $name', ({ message, value, says }) => {
    expect(() => messageCodec(message).encode(value)).toThrow(says);
  });

  it('has a codec for every message of the table', () => {
    for (const message of Object.keys(CSI_FACTS.messages))
      expect(messageCodec(message).decode(messageCodec(message).encode({}))).toEqual({});
  });
});
