import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:https';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Clock, SystemClock } from '#kit/clock.ts';
import { SystemIds } from '#kit/ids.ts';
import { trusted } from '#kit/json.ts';
import { ensurePki } from '#machinery/apiserver/pki/pki.ts';
import { ArchiveServer } from '#testing/fakes/archive-server.ts';
import { fetchBytes } from './fetch-bytes.ts';
import { FillFailed, FillRefused } from './fill-errors.ts';

/** Nobody waits. */
const hurried: Clock = {
  nowMs: () => 0,
  after: (_delayMs, callback) => {
    const handle = setImmediate(callback);
    return { cancel: () => clearImmediate(handle) };
  },
};

const FILE = randomBytes(500_000);

let server: ArchiveServer;
beforeEach(async () => {
  server = await ArchiveServer.start();
  server.files.set('file', FILE);
});
afterEach(() => server.close());

async function fetched(url = server.url('file'), allowedHosts: readonly string[] = [server.host]): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  const totals: number[] = [];
  const signal = new AbortController().signal;
  for await (const bytes of fetchBytes({ url, allowedHosts, clock: hurried, signal, onTotal: (total) => void totals.push(total) }))
    pieces.push(bytes);
  expect(totals.at(-1)).toBe(FILE.length);
  return Buffer.concat(pieces);
}

describe('VOL-15: fetchBytes', () => {
  it('goes on where a transfer broke off, as often as bytes come', async () => {
    server.behaviour.breaksAfter = 130_000;
    expect((await fetched()).equals(FILE)).toBe(true);
    expect(server.asked).toEqual(['', 'bytes=130000-', 'bytes=260000-', 'bytes=390000-']);
  });

  it('knows what it has where a server sends all again', async () => {
    server.behaviour.breaksAfter = 400_000;
    server.behaviour.ignoresRanges = true;
    const all = fetched();
    await new Promise((resolve) => setTimeout(resolve, 20));
    delete server.behaviour.breaksAfter;
    expect((await all).equals(FILE)).toBe(true);
  });

  it('does not mix two versions', async () => {
    server.behaviour.breaksAfter = 130_000;
    const all = fetched();
    setTimeout(() => (server.version = 2), 20);
    await expect(all).rejects.toThrow('was changed at the server meanwhile');
  });

  it('gives a server up that sends nothing more', async () => {
    server.behaviour.breaksAfter = 0;
    await expect(fetched()).rejects.toThrow(`${server.url('file')} can't be fetched`);
    expect(server.asked).toHaveLength(6);
  });

  it.each([
    { status: 404, error: FillRefused, asked: 1 },
    { status: 403, error: FillRefused, asked: 1 },
    { status: 503, error: FillFailed, asked: 6 },
    { status: 429, error: FillFailed, asked: 6 },
  ])('asks $asked times a server that answers $status', async ({ status, error, asked }) => {
    server.behaviour.instead = { status };
    await expect(fetched()).rejects.toThrow(`the server answers ${status}`);
    await expect(fetched()).rejects.toBeInstanceOf(error);
    expect(server.asked).toHaveLength(2 * asked);
  });

  it('looks at the certificate of a server, with the authority that the order names beside the usual ones', async () => {
    const dir = mkdtempSync(path.join(tmpdir(), 'stowage-fetch-'));
    const pki = await ensurePki({ dir, clock: new SystemClock(), ids: new SystemIds(), hosts: [] });
    const secure = createServer({ key: pki.server.keyPem, cert: pki.server.certificatePem }, (_request, response) => response.end(FILE));
    await new Promise<void>((resolve) => secure.listen(0, '127.0.0.1', resolve));
    const { port } = trusted<{ port: number }>(secure.address());
    const wanted = {
      url: `https://127.0.0.1:${port}/file`,
      allowedHosts: ['127.0.0.1'],
      clock: hurried,
      onTotal: () => {},
      signal: AbortSignal.timeout(20_000),
    };
    const read = async (caBundle?: string): Promise<Buffer> => Buffer.concat(await Array.fromAsync(fetchBytes({ ...wanted, caBundle })));
    try {
      await expect(read()).rejects.toThrow(/certificate/);
      expect((await read(pki.caPem)).equals(FILE)).toBe(true);
    } finally {
      secure.closeAllConnections();
      secure.close();
      rmSync(dir, { recursive: true });
    }
  });

  it('follows a server elsewhere, but not for ever, nor to where it may not look', async () => {
    server.behaviour.instead = { status: 302, location: server.url('file') };
    await expect(fetched()).rejects.toThrow('leads from one address to another more than 5 times');
    server.behaviour.instead = { status: 302, location: 'file:///etc/passwd' };
    await expect(fetched()).rejects.toThrow('is no http: or https: address');
    server.behaviour.instead = { status: 302, location: 'http://127.0.0.1:1/' };
    await expect(fetched()).rejects.toThrow('is an address of this machine');
  });

  it.each(['127.0.0.1', 'localhost', '[::1]', '0.0.0.0', '169.254.169.254', '[fe80::1]', '[::ffff:127.0.0.1]', '2130706433', '127.1'])(
    'asks nothing of %s, which is this machine or its own link',
    async (host) => {
      await expect(fetched(`http://${host}:${server.host.split(':')[1]}/file`, [])).rejects.toThrow('is an address of this machine');
      expect(server.asked).toEqual([]);
    },
  );
});
