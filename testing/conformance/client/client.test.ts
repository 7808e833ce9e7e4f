import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe } from 'vitest';
import { SystemClock } from '#kit/clock.ts';
import { SystemIds } from '#kit/ids.ts';
import { ensurePki, type Pki } from '#machinery/apiserver/pki/pki.ts';
import { writeKubeconfig } from '#machinery/apiserver/pki/write-kubeconfig.ts';
import { createHttpClient } from '#machinery/client/http-client.ts';
import { loadKubeconfig } from '#machinery/client/kubeconfig.ts';
import { startTestApi } from '#testing/api.ts';
import { clientContract } from './contract.ts';

const clock = new SystemClock();
let dir: string;
let pki: Pki;
beforeAll(async () => {
  dir = mkdtempSync(path.join(tmpdir(), 'client-contract-'));
  pki = await ensurePki({ dir: path.join(dir, 'pki'), clock, ids: new SystemIds(), hosts: [] });
});
afterAll(() => rmSync(dir, { recursive: true }));

describe('API-1: the client over HTTPS', () => {
  clientContract(async () => {
    const api = await startTestApi({ clock });
    const { port } = await api.server.listen({ host: '127.0.0.1', port: 0, tls: { ...pki.server, caPem: pki.caPem } });
    const kubeconfig = path.join(dir, `kubeconfig-${port}`);
    writeKubeconfig(kubeconfig, { server: `https://127.0.0.1:${port}`, caPem: pki.caPem, identity: pki.admin });
    return { client: createHttpClient({ config: await loadKubeconfig(kubeconfig), clock }), close: () => api.close() };
  });
});
