import { mkdir, mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { PlatformError } from '#kit/errors.ts';
import { silentLogger } from '#kit/log.ts';
import { type CsiClient, connectCsi } from './client.ts';
import type { CallContext } from './call.ts';
import type {
  CreateVolumeRequest,
  CreateVolumeResponse,
  DeleteVolumeResponse,
  GetMetadataAllocatedRequest,
  GetMetadataAllocatedResponse,
  IdentityService,
} from './generated/messages.ts';
import { type CsiServer, serveCsi } from './server.ts';
import { UnimplementedController, UnimplementedSnapshotMetadata } from './unimplemented.ts';

class ScriptedController extends UnimplementedController {
  aborted = false;
  seen: CallContext | undefined;

  override async createVolume(request: CreateVolumeRequest, call: CallContext): Promise<CreateVolumeResponse> {
    this.seen = call;
    if (request.name === 'full')
      throw new PlatformError({ code: 'ResourceExhausted', reason: 'PoolFull', message: 'needs 5Gi, 1Gi is free: é' });
    if (request.name === 'bug') throw new TypeError('x is undefined');
    return { volume: { volumeId: request.name, capacityBytes: request.capacityRange?.requiredBytes } };
  }

  override deleteVolume(_request: object, call: CallContext): Promise<DeleteVolumeResponse> {
    return new Promise((_, reject) => {
      call.signal?.addEventListener('abort', () => {
        this.aborted = true;
        reject(new Error('aborted'));
      });
    });
  }
}

/** Sends numbered pieces for ever, or as many as `maxResults` says; `broken` breaks after the second. */
class EndlessMetadata extends UnimplementedSnapshotMetadata {
  sent = 0;
  hasEnded = false;

  override async *getMetadataAllocated(request: GetMetadataAllocatedRequest): AsyncGenerator<GetMetadataAllocatedResponse> {
    try {
      for (; this.sent < (request.maxResults ?? Number.POSITIVE_INFINITY); this.sent += 1) {
        if (request.snapshotId === 'broken' && this.sent === 2)
          throw new PlatformError({ code: 'NotFound', reason: 'SnapshotNotFound', message: 'gone in the middle' });
        const blockMetadata = Array.from({ length: 500 }, () => ({ byteOffset: BigInt(this.sent), sizeBytes: 4096n }));
        yield { blockMetadataType: 'VARIABLE_LENGTH', volumeCapacityBytes: 10n, blockMetadata };
      }
    } finally {
      this.hasEnded = true;
    }
  }
}

const identity: IdentityService = {
  getPluginInfo: async () => ({ name: 'test.stowage.dev' }),
  getPluginCapabilities: async () => ({}),
  probe: async () => ({ ready: true }),
};

describe('serveCsi and connectCsi', () => {
  let dir: string;
  let socketPath: string;
  let server: CsiServer | undefined;
  let client: CsiClient;
  let controller: ScriptedController;
  let snapshotMetadata: EndlessMetadata;

  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'csi-'));
    socketPath = join(dir, 'run', 'csi.sock');
    controller = new ScriptedController();
    snapshotMetadata = new EndlessMetadata();
    client = connectCsi({ socketPath });
  });

  afterEach(async () => {
    client.close();
    await server?.close();
    await rm(dir, { recursive: true });
  });

  const start = async (): Promise<void> => {
    server = await serveCsi({ socketPath, identity, controller, snapshotMetadata, log: silentLogger });
  };

  it('answers with what the handler returned', async () => {
    await start();
    await expect(client.identity.getPluginInfo({}, {})).resolves.toEqual({ name: 'test.stowage.dev' });
    const answer = await client.controller.createVolume({ name: 'v', capacityRange: { requiredBytes: 10n } }, {});
    expect(answer).toEqual({ volume: { volumeId: 'v', capacityBytes: 10n } });
  });

  it.each([
    { name: 'full', code: 'ResourceExhausted', reason: 'PoolFull', message: 'needs 5Gi, 1Gi is free: é' },
    { name: 'bug', code: 'Internal', reason: 'InternalError', message: 'x is undefined' },
  ])('keeps code, reason and message of an error: $name', async ({ name, code, reason, message }) => {
    await start();
    await expect(client.controller.createVolume({ name }, {})).rejects.toMatchObject({ code, reason, message });
  });

  it('refuses methods and services that the driver does not have', async () => {
    await start();
    await expect(client.controller.createSnapshot({}, {})).rejects.toMatchObject({ code: 'Unimplemented' });
    await expect(client.node.nodeGetInfo({}, {})).rejects.toMatchObject({ code: 'Unimplemented' });
  });

  it('passes the deadline on and aborts the handler when it passes', async () => {
    await start();
    await client.controller.createVolume({ name: 'v' }, { timeoutMs: 5_000 });
    expect(controller.seen?.timeoutMs).toBeGreaterThan(3_000);
    await expect(client.controller.deleteVolume({}, { timeoutMs: 50 })).rejects.toMatchObject({
      code: 'DeadlineExceeded',
      message: 'context deadline exceeded: the driver did not answer within 0.05 s, and may still be at work',
    });
    await expect.poll(() => controller.aborted).toBe(true);
  });

  it('aborts the handler when the caller gives up', async () => {
    await start();
    const abort = new AbortController();
    const call = client.controller.deleteVolume({}, { signal: abort.signal });
    await client.identity.probe({}, {});
    abort.abort();
    await expect(call).rejects.toMatchObject({ code: 'Canceled' });
    await expect.poll(() => controller.aborted).toBe(true);
  });

  it('is Unavailable while nobody listens, and finds a driver that comes (back)', async () => {
    await expect(client.identity.probe({}, {})).rejects.toMatchObject({
      code: 'Unavailable',
      message: `no connection to the driver at ${socketPath}: it does not run, or went away in the middle of the call`,
    });
    await start();
    await expect.poll(() => client.identity.probe({}, {}).catch(() => undefined)).toEqual({ ready: true });
    await server?.close();
    await start();
    await expect.poll(() => client.identity.probe({}, {}).catch(() => undefined)).toEqual({ ready: true });
  });

  it('is Unavailable, as a driver that went away, after it was closed here', async () => {
    await start();
    client.close();
    const closed = { code: 'Unavailable', message: expect.stringContaining('closed on this side') };
    await expect(client.identity.probe({}, {})).rejects.toMatchObject(closed);
    await expect(Array.fromAsync(client.snapshotMetadata.getMetadataAllocated({}, {}))).rejects.toMatchObject(closed);
  });

  it('sends a stream to its end, and an error in the middle of it', async () => {
    await start();
    const seen: (bigint | undefined)[] = [];
    for await (const { blockMetadata } of client.snapshotMetadata.getMetadataAllocated({ maxResults: 3 }, {}))
      seen.push(blockMetadata?.[0]?.byteOffset);
    expect(seen).toEqual([0n, 1n, 2n]);
    snapshotMetadata.sent = 0;
    const broken = async (): Promise<void> => {
      for await (const _ of client.snapshotMetadata.getMetadataAllocated({ snapshotId: 'broken' }, {})) seen.push(9n);
    };
    await expect(broken()).rejects.toMatchObject({ code: 'NotFound', reason: 'SnapshotNotFound', message: 'gone in the middle' });
    expect(seen.slice(3)).toEqual([9n, 9n]);
    await expect(client.snapshotMetadata.getMetadataDelta({}, {})[Symbol.asyncIterator]().next()).rejects.toMatchObject({
      code: 'Unimplemented',
    });
  });

  it('makes no more of a stream than its reader takes, and ends it when the reader leaves', async () => {
    await start();
    for await (const _ of client.snapshotMetadata.getMetadataAllocated({}, { timeoutMs: 60_000 })) break;
    await expect.poll(() => snapshotMetadata.hasEnded).toBe(true);
    expect(snapshotMetadata.sent).toBeLessThan(1_000);
    const slow = client.snapshotMetadata.getMetadataAllocated({}, { timeoutMs: 100 });
    await expect(Array.fromAsync(slow)).rejects.toMatchObject({ code: 'DeadlineExceeded' });
  });

  it('makes a socket that only the user can open', async () => {
    await start();
    expect((await stat(socketPath)).mode & 0o777).toBe(0o600);
    expect((await stat(join(dir, 'run'))).mode & 0o777).toBe(0o700);
  });

  it('replaces a stale socket but neither a served one nor another file', async () => {
    await start();
    await expect(serveCsi({ socketPath, identity, log: silentLogger })).rejects.toMatchObject({
      reason: 'SocketRefused',
      message: expect.stringContaining('another process'),
    });
    const other = join(dir, 'file');
    await writeFile(other, '');
    await expect(serveCsi({ socketPath: other, identity, log: silentLogger })).rejects.toMatchObject({
      message: expect.stringContaining('not a socket'),
    });
    const stale = join(dir, 'stale.sock');
    await leaveStaleSocket(stale);
    const second = await serveCsi({ socketPath: stale, identity, log: silentLogger });
    await second.close();
  });

  it('says that a path is too long for a socket', async () => {
    await mkdir(join(dir, 'x'.repeat(100)));
    const long = join(dir, 'x'.repeat(100), 'csi.sock');
    await expect(serveCsi({ socketPath: long, identity, log: silentLogger })).rejects.toMatchObject({
      message: expect.stringContaining('107 bytes'),
    });
  });
});

/** A socket whose process died: Node unlinks on close, so the file is kept by renaming it away first. */
async function leaveStaleSocket(path: string): Promise<void> {
  const listener = createServer();
  await new Promise<void>((resolve) => listener.listen(`${path}.old`, resolve));
  const { rename } = await import('node:fs/promises');
  await rename(`${path}.old`, path);
  await new Promise((resolve) => listener.close(resolve));
}
