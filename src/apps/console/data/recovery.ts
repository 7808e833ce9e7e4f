import { parseRecoveryFrame } from '#api/console-recovery.ts';
import { type ConsoleSession, CSRF_HEADER } from '#api/console-session.ts';
import type { Words } from '#api/explanation.ts';
import type { ObjectKey } from '#api/meta/object.ts';
import { failed, request, RequestFailed } from './session.ts';

/** Gives the claim's growth up, as `stowage recover` does; `onStep` is told each step done. @throws RequestFailed */
export async function giveUpGrowth(session: ConsoleSession, key: ObjectKey, onStep: (step: Words) => void): Promise<void> {
  const headers = { 'content-type': 'application/json', [CSRF_HEADER]: session.csrfToken };
  const { body } = await request('recover', { method: 'POST', headers, body: JSON.stringify(key) });
  for await (const line of linesOf(body)) {
    const frame = parseRecoveryFrame(line);
    if (frame?.type === 'done') return;
    if (frame?.type === 'step') onStep(frame.words);
    if (frame?.type === 'refused') throw new RequestFailed(frame.refusal);
  }
  throw broken();
}

async function* linesOf(body: ReadableStream<Uint8Array> | null): AsyncIterable<string> {
  const reader = body?.getReader();
  const decoder = new TextDecoder();
  let text = '';
  for (;;) {
    const part = await reader?.read().catch((cause: unknown) => {
      throw broken(cause);
    });
    if (part?.value === undefined) return;
    const lines = (text + decoder.decode(part.value, { stream: true })).split('\n');
    text = lines.pop() ?? '';
    yield* lines;
  }
}

function broken(cause?: unknown): RequestFailed {
  return failed('connectionBroke', 0, cause);
}
