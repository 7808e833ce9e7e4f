import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CsiClient } from '#protocols/csi/client.ts';
import type { VolumeCapability } from '#protocols/csi/generated/messages.ts';
import { needsMark } from '#testing/local-driver.ts';
import type { ContractFiles } from './contract-files.ts';
import { CONTRACT_CALL, type CreateVolume, describeCreation, MIB, WRITER } from './creation-contract.ts';

/** A served driver under test. */
export interface ContractSubject {
  readonly client: CsiClient;
  /** A directory for staging and target paths. */
  readonly dir: string;
  readonly files: ContractFiles;
  stop(): Promise<void>;
}

/** What the contract may expect of a driver. */
export interface ContractOptions {
  readonly name: string;
  readonly skip: string | undefined;
  readonly parameters: Readonly<Record<string, string>>;
  start(): Promise<ContractSubject>;
}

const ONLY_WRITER: VolumeCapability = { mount: { fsType: '' }, accessMode: { mode: 'SINGLE_NODE_SINGLE_WRITER' } };
const call = CONTRACT_CALL;

/** What every driver of ours keeps beyond csi-sanity: data survives, nothing is left behind, wrong calls change nothing. CSI 1.13. */
export function describeCsiContract({ name, skip, parameters, start }: ContractOptions): void {
  describe.skipIf(skip !== undefined)(`CSI contract: ${name}${needsMark(skip)}`, () => {
    let subject: ContractSubject;
    let client: CsiClient;
    let files: ContractFiles;

    beforeAll(async () => {
      subject = await start();
      ({ client, files } = subject);
    });

    afterAll(async () => {
      await subject?.stop();
    });

    const create: CreateVolume = async (volume, requiredBytes = 64n * MIB, capability = WRITER) => {
      const answer = await client.controller.createVolume(
        { name: volume, parameters, capacityRange: { requiredBytes }, volumeCapabilities: [capability] },
        call,
      );
      return answer.volume?.volumeId ?? '';
    };

    const paths = async (volumeId: string): Promise<{ readonly stagingTargetPath: string; readonly targetPath: string }> => {
      const base = join(subject.dir, volumeId);
      await files.makeDir(join(base, 'staging'));
      return { stagingTargetPath: join(base, 'staging'), targetPath: join(base, 'target') };
    };

    const withVolume = async (
      volume: string,
      work: (volumeId: string, at: Awaited<ReturnType<typeof paths>>) => Promise<void>,
      capability = WRITER,
    ): Promise<void> => {
      const volumeId = await create(volume, 64n * MIB, capability);
      const at = await paths(volumeId);
      await work(volumeId, at);
      await client.node.nodeUnpublishVolume({ volumeId, targetPath: at.targetPath }, call);
      await client.node.nodeUnstageVolume({ volumeId, stagingTargetPath: at.stagingTargetPath }, call);
      await client.controller.deleteVolume({ volumeId }, call);
    };

    describeCreation(() => ({ client, create }));

    it('lists every volume once over pages', async () => {
      const ids = await Promise.all(['a', 'b', 'c', 'd', 'e'].map((letter) => create(`page-${letter}`)));
      const listed: string[] = [];
      for (let startingToken: string | undefined = ''; startingToken !== undefined;) {
        const page = await client.controller.listVolumes({ maxEntries: 2, startingToken }, call);
        expect(page.entries?.length ?? 0).toBeLessThanOrEqual(2);
        listed.push(...(page.entries ?? []).map((entry) => entry.volume?.volumeId ?? ''));
        startingToken = page.nextToken;
      }
      expect(listed.sort()).toEqual([...ids].sort());
      for (const volumeId of ids) await client.controller.deleteVolume({ volumeId }, call);
    });

    it('refuses a volume beyond its capacity and says what is free', async () => {
      const { availableCapacity = 0n } = await client.controller.getCapacity({ parameters }, call);
      await expect(create('huge', availableCapacity + MIB)).rejects.toMatchObject({
        code: 'ResourceExhausted',
        message: expect.stringMatching(/free of .* needed/),
      });
      expect((await client.controller.getCapacity({ parameters }, call)).availableCapacity).toBe(availableCapacity);
    });

    it('keeps data over unpublish, unstage and stage, and shows it at every target', async () => {
      await withVolume('data', async (volumeId, at) => {
        const publish = { volumeId, ...at, volumeCapability: WRITER };
        await client.node.nodeStageVolume({ volumeId, stagingTargetPath: at.stagingTargetPath, volumeCapability: WRITER }, call);
        await client.node.nodePublishVolume(publish, call);
        await files.write(join(at.targetPath, 'device'), 'a file of the user, whatever its name');
        await client.node.nodeUnpublishVolume({ volumeId, targetPath: at.targetPath }, call);
        expect(await files.exists(at.targetPath)).toBe(false);
        await client.node.nodeUnstageVolume({ volumeId, stagingTargetPath: at.stagingTargetPath }, call);
        expect(await files.list(at.stagingTargetPath)).toEqual([]);
        await client.node.nodeStageVolume({ volumeId, stagingTargetPath: at.stagingTargetPath, volumeCapability: WRITER }, call);
        await client.node.nodePublishVolume(publish, call);
        await client.node.nodePublishVolume({ ...publish, targetPath: `${at.targetPath}-2`, readonly: true }, call);
        expect(await files.read(join(`${at.targetPath}-2`, 'device'))).toContain('user');
        await expect(files.write(join(`${at.targetPath}-2`, 'x'), '')).rejects.toMatchObject({ code: 'EROFS' });
        await client.node.nodeUnpublishVolume({ volumeId, targetPath: `${at.targetPath}-2` }, call);
      });
    });

    it('VOL-8: gives a volume for one pod to one target', async () => {
      await withVolume(
        'one',
        async (volumeId, at) => {
          await client.node.nodeStageVolume({ volumeId, stagingTargetPath: at.stagingTargetPath, volumeCapability: ONLY_WRITER }, call);
          const publish = { volumeId, ...at, volumeCapability: ONLY_WRITER };
          await client.node.nodePublishVolume(publish, call);
          await client.node.nodePublishVolume(publish, call);
          await expect(client.node.nodePublishVolume({ ...publish, targetPath: `${at.targetPath}-2` }, call)).rejects.toMatchObject({
            code: 'FailedPrecondition',
          });
        },
        ONLY_WRITER,
      );
    });

    it('refuses to delete a volume that is staged, and loses nothing by it', async () => {
      await withVolume('held', async (volumeId, at) => {
        await client.node.nodeStageVolume({ volumeId, stagingTargetPath: at.stagingTargetPath, volumeCapability: WRITER }, call);
        await files.write(join(at.stagingTargetPath, 'kept'), 'kept');
        await expect(client.controller.deleteVolume({ volumeId }, call)).rejects.toMatchObject({ code: 'FailedPrecondition' });
        expect(await files.read(join(at.stagingTargetPath, 'kept'))).toBe('kept');
      });
    });

    it('refuses to publish what is not staged, and makes nothing', async () => {
      await withVolume('unstaged', async (volumeId, at) => {
        await expect(client.node.nodePublishVolume({ volumeId, ...at, volumeCapability: WRITER }, call)).rejects.toMatchObject({
          code: 'FailedPrecondition',
        });
        expect(await files.exists(at.targetPath)).toBe(false);
      });
    });

    it('stages and publishes at most once however many calls come at the same time', async () => {
      await withVolume('rush', async (volumeId, at) => {
        const stage = { volumeId, stagingTargetPath: at.stagingTargetPath, volumeCapability: WRITER };
        await Promise.all(Array.from({ length: 5 }, () => client.node.nodeStageVolume(stage, call)));
        await Promise.all(Array.from({ length: 5 }, () => client.node.nodePublishVolume({ ...stage, targetPath: at.targetPath }, call)));
        expect(await files.mountsAt(at.targetPath)).toBe(1);
        expect(await files.mountsAt(at.stagingTargetPath)).toBe(1);
      });
    });

    it('VOL-6: grows a volume, and its file system where it is used', async () => {
      await withVolume('grows', async (volumeId, at) => {
        const grown = await client.controller.controllerExpandVolume({ volumeId, capacityRange: { requiredBytes: 96n * MIB } }, call);
        expect(grown.capacityBytes).toBe(96n * MIB);
        const stage = { volumeId, stagingTargetPath: at.stagingTargetPath, volumeCapability: WRITER };
        await client.node.nodeStageVolume(stage, call);
        await client.node.nodePublishVolume({ ...stage, targetPath: at.targetPath }, call);
        await client.node.nodeExpandVolume({ volumeId, volumePath: at.targetPath, stagingTargetPath: at.stagingTargetPath }, call);
        expect((await client.controller.controllerGetVolume({ volumeId }, call)).volume?.capacityBytes).toBe(96n * MIB);
      });
    });

    it('VOL-7: a copy has what its source had, and is another volume', async () => {
      await withVolume('source', async (source, at) => {
        const stage = { volumeId: source, stagingTargetPath: at.stagingTargetPath, volumeCapability: WRITER };
        await client.node.nodeStageVolume(stage, call);
        await files.write(join(at.stagingTargetPath, 'kept'), 'as it was');
        await client.node.nodeUnstageVolume({ volumeId: source, stagingTargetPath: at.stagingTargetPath }, call);
        const answer = await client.controller.createVolume(
          {
            name: 'copy',
            parameters,
            capacityRange: { requiredBytes: 64n * MIB },
            volumeCapabilities: [WRITER],
            volumeContentSource: { volume: { volumeId: source } },
          },
          call,
        );
        const volumeId = answer.volume?.volumeId ?? '';
        const { stagingTargetPath } = await paths(volumeId);
        await client.node.nodeStageVolume({ volumeId, stagingTargetPath, volumeCapability: WRITER }, call);
        await client.node.nodeStageVolume(stage, call);
        await files.write(join(at.stagingTargetPath, 'kept'), 'changed since');
        expect(await files.read(join(stagingTargetPath, 'kept'))).toBe('as it was');
        await client.node.nodeUnstageVolume({ volumeId, stagingTargetPath }, call);
        await client.controller.deleteVolume({ volumeId }, call);
      });
    });

    it('answers for a volume that is not there', async () => {
      const volumeId = 'nowhere';
      const at = await paths(volumeId);
      await expect(client.node.nodeStageVolume({ volumeId, ...at, volumeCapability: WRITER }, call)).rejects.toMatchObject({
        code: 'NotFound',
      });
      await expect(
        client.controller.controllerExpandVolume({ volumeId, capacityRange: { requiredBytes: MIB } }, call),
      ).rejects.toMatchObject({ code: 'NotFound' });
      await expect(client.node.nodeUnstageVolume({ volumeId, ...at }, call)).resolves.toEqual({});
      await expect(client.node.nodeUnpublishVolume({ volumeId, ...at }, call)).resolves.toEqual({});
    });

    it('names an unknown parameter and the known ones', async () => {
      const request = { name: 'typo', parameters: { Type: 'file' }, volumeCapabilities: [WRITER] };
      await expect(client.controller.createVolume(request, call)).rejects.toMatchObject({
        code: 'InvalidArgument',
        message: expect.stringMatching(/"Type".*type/),
      });
    });
  });
}
