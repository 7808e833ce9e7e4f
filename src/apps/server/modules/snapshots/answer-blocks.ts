import type { BlocksQuestion } from '#controllers/csi/snapshots/changed-blocks/changed-blocks.ts';
import type { Clock } from '#kit/clock.ts';
import { ERROR_CODES } from '#kit/error-codes.ts';
import { PlatformError } from '#kit/errors.ts';
import type { HttpRequest, HttpResponse } from '#machinery/apiserver/http/messages.ts';
import { endResponse, startResponse } from '#machinery/apiserver/http/messages.ts';
import type { CallContext } from '#protocols/csi/call.ts';
import type { GetMetadataAllocatedResponse as Blocks } from '#protocols/csi/generated/messages.ts';
import { RequestRefused } from '#protocols/csi/request-fields.ts';
import { type BlockRange, type BlocksPage, parsePagePath } from './blocks-page.ts';

/** A request for a page of blocks, and who finds them. */
export interface AskedPage {
  readonly request: HttpRequest;
  readonly response: HttpResponse;
  readonly clock: Clock;
  /** @throws PlatformError why they are not told */
  readonly ask: (question: Omit<BlocksQuestion, 'caller'>, call: CallContext) => Promise<AsyncIterable<Blocks>>;
}

/** Pieces of one page: some 500 KiB of JSON. */
const PAGE_BLOCKS = 16_384;
/** A page takes no longer. */
const TIMEOUT_MS = 60_000;

/** Answers a page of blocks, or a Status that says why not; never throws. */
export async function answerBlocks(asked: AskedPage): Promise<void> {
  const { request, response } = asked;
  try {
    if (request.method !== 'GET') throw new RequestRefused('method', `${request.method ?? ''} is not served here: GET is`);
    send(response, 200, await pageOf(asked));
  } catch (thrown) {
    const error = PlatformError.from(thrown);
    const { http: code, kubernetes } = ERROR_CODES[error.code];
    send(response, code, {
      kind: 'Status',
      apiVersion: 'v1',
      metadata: {},
      status: 'Failure',
      message: error.message,
      reason: kubernetes,
      code,
    });
  }
}

async function pageOf({ request, clock, ask }: AskedPage): Promise<BlocksPage> {
  const question = parsePagePath(request.url ?? '');
  if (question === undefined) throw new RequestRefused('query', 'namespace and name are required, and offset is a number');
  const { namespace, name, since, offset } = question;
  const base = since === undefined ? {} : { base: { name: since } };
  const abort = new AbortController();
  const timer = clock.after(TIMEOUT_MS, () => abort.abort());
  try {
    const call = { timeoutMs: TIMEOUT_MS, signal: abort.signal };
    const messages = await ask({ target: { namespace, name }, ...base, startingOffset: BigInt(offset), maxResults: 0 }, call);
    return await firstPage(messages);
  } finally {
    timer.cancel();
  }
}

async function firstPage(messages: AsyncIterable<Blocks>): Promise<BlocksPage> {
  const blocks: BlockRange[] = [];
  let volumeSizeBytes = 0;
  for await (const message of messages) {
    volumeSizeBytes = Number(message.volumeCapacityBytes ?? 0n);
    for (const { byteOffset = 0n, sizeBytes = 0n } of message.blockMetadata ?? []) {
      // why here: leaving the loop ends the call
      if (blocks.length === PAGE_BLOCKS) return { volumeSizeBytes, blocks, next: Number(byteOffset) };
      blocks.push({ offset: Number(byteOffset), size: Number(sizeBytes) });
    }
  }
  return { volumeSizeBytes, blocks };
}

function send(response: HttpResponse, status: number, value: object): void {
  const body = Buffer.from(JSON.stringify(value));
  startResponse(response, status, { 'content-type': 'application/json', 'content-length': body.length, 'cache-control': 'no-store' });
  endResponse(response, body);
}
