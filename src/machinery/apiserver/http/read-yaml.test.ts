import { describe, expect, it } from 'vitest';
import { FakeClock } from '#testing/fake-clock.ts';
import { YamlReader } from './read-yaml.ts';

const GIB = 2 ** 30;
const LIMITS = { maxDepth: 256, maxChars: 3 * 2 ** 20, maxValues: 2_000_000 };
const long = (name: string): string =>
  `name: ${name}\n${Array.from({ length: 4_000 }, (_, at) => `key${at}: 9007199254740993`).join('\n')}`;
const allStructure = `[${'[],'.repeat(1_000_000)}]`;

function readerWith(more: { readonly threads?: number; readonly freeBytes?: number } = {}) {
  const clock = new FakeClock();
  const { threads = 1, freeBytes = 4 * GIB } = more;
  const reader = new YamlReader({ clock, threads, freeBytes: () => freeBytes });
  return { clock, read: (text: string, maxValues = LIMITS.maxValues) => reader.read(text, { ...LIMITS, maxValues }) };
}

const nameIn = async (reading: ReturnType<YamlReader['read']>): Promise<unknown> => {
  const read = await reading;
  return read.ok ? Object(read.value.value).name : read.error;
};

describe('API-3: long texts of YAML', () => {
  it('are read one after the other, without losing a digit, and leave no timer', async () => {
    const { clock, read } = readerWith();
    expect(await Promise.all(['a', 'b', 'c'].map((name) => nameIn(read(long(name)))))).toEqual(['a', 'b', 'c']);
    const one = await read(long('d'));
    expect(one.ok && Object(one.value.value).key7).toBe(9007199254740993n);
    expect(clock.timers).toBe(0);
  });

  it('are given up after 30 s, and those behind are read', async () => {
    const { clock, read } = readerWith();
    const slow = nameIn(read(allStructure));
    const behind = nameIn(read(long('behind')));
    await clock.step(30_000);
    expect(await slow).toBe('it takes longer than 30 s to be read: send it as JSON, or in parts');
    expect(await behind).toBe('behind');
  });

  it('that take more memory than there is are refused, and those behind are read', async () => {
    const { read } = readerWith({ freeBytes: 512 * 2 ** 20 });
    const greedy = nameIn(read(allStructure));
    const behind = nameIn(read(long('behind')));
    expect(await greedy).toBe('it takes more memory to be read than there is: send it as JSON, or in parts');
    expect(await behind).toBe('behind');
  });

  it('count with those that are being read', async () => {
    const { clock, read } = readerWith({ threads: 2, freeBytes: 1_200 * 2 ** 20 });
    const first = nameIn(read(allStructure));
    expect(await nameIn(read(allStructure))).toContain('more memory to be read than there is');
    await clock.step(30_000);
    expect(await first).toContain('takes longer');
    expect(await nameIn(read(long('after')))).toBe('after');
  });

  it('do not wait for one another where there are threads', async () => {
    const { clock, read } = readerWith({ threads: 2 });
    const slow = nameIn(read(allStructure));
    expect(await nameIn(read(long('beside')))).toBe('beside');
    await clock.step(30_000);
    expect(await slow).toContain('takes longer');
  });

  it('that stand for too many fields are refused', async () => {
    expect(await nameIn(readerWith().read(long('many'), 3_000))).toContain('more than 3000 fields and list items');
  });
});
