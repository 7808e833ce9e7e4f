import { expect, it } from 'vitest';
import type { CsiClient } from '#protocols/csi/client.ts';
import type { VolumeCapability } from '#protocols/csi/generated/messages.ts';

/** A volume of a file system for several pods of one node. */
export const WRITER: VolumeCapability = { mount: { fsType: '' }, accessMode: { mode: 'SINGLE_NODE_MULTI_WRITER' } };
export const MIB = 1n << 20n;
/** How long a call of a contract may take. */
export const CONTRACT_CALL = { timeoutMs: 20_000 };

/** Makes a volume under a name; answers its id. */
export type CreateVolume = (name: string, requiredBytes?: bigint, capability?: VolumeCapability) => Promise<string>;

/** What every driver keeps that can make volumes, whatever else it can do: CSI 1.13 "CreateVolume" and "DeleteVolume". */
export function describeCreation(subject: () => { readonly client: CsiClient; readonly create: CreateVolume }): void {
  const remove = async (volumeId: string): Promise<unknown> => subject().client.controller.deleteVolume({ volumeId }, CONTRACT_CALL);

  it('is ready and names itself', async () => {
    const { identity } = subject().client;
    expect(await identity.probe({}, CONTRACT_CALL)).toEqual({ ready: true });
    expect((await identity.getPluginInfo({}, CONTRACT_CALL)).name).toMatch(/^[a-z0-9.-]+$/);
  });

  it('gives back the same volume for the same name, also when asked at the same time', async () => {
    const { create } = subject();
    const ids = await Promise.all([create('twice'), create('twice'), create('twice')]);
    expect(new Set(ids).size).toBe(1);
    await remove(ids[0] ?? '');
  });

  it('refuses the same name with another size and keeps the volume', async () => {
    const { create } = subject();
    const volumeId = await create('size', 64n * MIB);
    await expect(create('size', 128n * MIB)).rejects.toMatchObject({ code: 'AlreadyExists' });
    expect(await create('size', 64n * MIB)).toBe(volumeId);
    await remove(volumeId);
    await expect(remove(volumeId)).resolves.toEqual({});
  });
}
