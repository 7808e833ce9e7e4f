import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { promisify } from 'node:util';
import { FILL_PLACES, FILL_REFUSED_EXIT_CODE, type MoverOrder, type ProgressPlace } from '#api/populators/fill-order.ts';
import { SystemClock } from '#kit/clock.ts';
import { PlatformError } from '#kit/errors.ts';
import { isRecord, trusted } from '#kit/json.ts';
import { copyVolume } from './copy-volume.ts';
import { fill, type Progress } from './fill.ts';
import { FillRefused } from './fill-errors.ts';

const KINDS: ReadonlySet<unknown> = new Set<MoverOrder['kind']>(['archive', 'directory', 'volume']);

/** The program in the pod of a populator or a move: fills the volume at /target as its one argument (JSON) says, tells how far it is over HTTP, and how it ended in its termination message. */
async function main([text = '']: readonly string[]): Promise<number> {
  const progress: Progress = { doneBytes: 0, totalBytes: undefined };
  const stopping = new AbortController();
  process.once('SIGTERM', () => stopping.abort());
  let server: Server | undefined;
  try {
    const order = orderOf(text);
    server = tellProgress(order.progress, progress);
    const { target: targetDir, source: sourceDir } = FILL_PLACES;
    const places = { targetDir, sourceDir, progress, signal: stopping.signal };
    if (order.kind === 'volume') await copyVolume(order, places);
    else await fill(order, { ...places, clock: new SystemClock() });
    // why: the volume is handed over when this program says that it is full, and a machine may lose its power then
    await promisify(execFile)('sync', ['-f', targetDir]);
    return 0;
  } catch (thrown) {
    const error = explained(thrown);
    await writeFile('/dev/termination-log', error.message.slice(0, 4_000));
    return error.retry === 'never' ? FILL_REFUSED_EXIT_CODE : 1;
  } finally {
    server?.close();
    server?.closeAllConnections();
  }
}

function tellProgress({ host, port, path }: ProgressPlace, progress: Progress): Server {
  const server = createServer((request, response) => {
    const isAsked = request.url === path;
    response.writeHead(isAsked ? 200 : 404, { 'content-type': 'application/json' });
    response.end(isAsked ? JSON.stringify(progress) : '');
  });
  // why: a port that is taken keeps nobody from filling
  server.on('error', () => server.close());
  return server.listen(port, host);
}

function orderOf(text: string): MoverOrder {
  const order: unknown = JSON.parse(text);
  if (!isRecord(order) || !KINDS.has(order['kind']))
    throw new FillRefused('the argument is no order that this version knows: use the image of the version of Stowage that runs');
  // why trusted: nobody but the populator of the same version writes orders
  return trusted<MoverOrder>(order);
}

/** What is said of it: a volume that is full is a matter of its size. */
function explained(thrown: unknown): PlatformError {
  const code = isRecord(thrown) ? thrown['code'] : undefined;
  if (code === 'ENOSPC' || code === 'EDQUOT') return new FillRefused('the volume is full: ask for a larger one', thrown);
  return PlatformError.from(thrown);
}

process.exitCode = await main(process.argv.slice(2));
