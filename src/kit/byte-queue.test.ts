import { describe, expect, it } from 'vitest';
import { ByteQueue } from './byte-queue.ts';

const bytes = (text: string): Uint8Array => Buffer.from(text);

async function readAll(queue: ByteQueue): Promise<string> {
  let text = '';
  for await (const chunk of queue) text += Buffer.from(chunk).toString();
  return text;
}

describe('ByteQueue', () => {
  it('hands on what was pushed, in order, until it ends', async () => {
    const queue = new ByteQueue(100);
    const reading = readAll(queue);
    await queue.push(bytes('a'));
    await queue.push(bytes('b'));
    queue.end();
    await queue.push(bytes('late'));
    expect(await reading).toBe('ab');
  });

  it('lets its writer wait until its reader has made room', async () => {
    const queue = new ByteQueue(3);
    let hasRoom = false;
    const pushing = queue.push(bytes('four')).then(() => {
      hasRoom = true;
    });
    await Promise.resolve();
    expect(hasRoom).toBe(false);
    const iterator = queue[Symbol.asyncIterator]();
    expect((await iterator.next()).value).toEqual(bytes('four'));
    await pushing;
    expect(hasRoom).toBe(true);
  });

  it('lets nobody wait once its reader has gone', async () => {
    const queue = new ByteQueue(1);
    const pushing = queue.push(bytes('too much'));
    queue.close();
    await pushing;
    expect(await readAll(queue)).toBe('');
  });
});
