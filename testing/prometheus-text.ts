/** One line of values. */
export interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** A metric as a scrape tells it. */
export interface MetricFamily {
  readonly name: string;
  readonly type: string;
  readonly help: string;
  readonly samples: readonly Sample[];
}

const SAMPLE = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (-?(?:[0-9.]+(?:e[+-]?\d+)?|Inf)|NaN)$/;
const LABEL = /([a-zA-Z_]\w*)="((?:[^"\\]|\\[\\n"])*)"(?:,|$)/g;

/** Reads Prometheus' text form (version 0.0.4) as strictly as Prometheus does. @throws TypeError that names the line */
export function parsePrometheusText(text: string): ReadonlyMap<string, MetricFamily> {
  const families = new Map<string, MetricFamily>();
  if (!text.endsWith('\n')) throw new TypeError('the last line has no end');
  for (const block of text.slice(0, -1).split(/\n(?=# HELP )/)) {
    const family = parseFamily(block.split('\n'));
    if (families.has(family.name)) throw new TypeError(`${family.name} comes twice`);
    families.set(family.name, family);
  }
  return families;
}

function parseFamily([helpLine = '', typeLine = '', ...sampleLines]: readonly string[]): MetricFamily {
  const [, name = '', help = ''] = /^# HELP (\S+) (.+)$/.exec(helpLine) ?? [];
  const [, typed, type = ''] = /^# TYPE (\S+) (counter|gauge|histogram|summary)$/.exec(typeLine) ?? [];
  if (name === '' || typed !== name) throw new TypeError(`no head of a metric: ${helpLine} ${typeLine}`);
  return { name, type, help, samples: sampleLines.map((line) => parseSample(line, { name, type })) };
}

function parseSample(line: string, family: Pick<MetricFamily, 'name' | 'type'>): Sample {
  const [, name = '', labels = '', value = ''] = SAMPLE.exec(line) ?? [];
  const isPart = family.type === 'histogram' && ['_bucket', '_sum', '_count'].some((part) => name === `${family.name}${part}`);
  if (name !== family.name && !isPart) throw new TypeError(`no value of ${family.name}: ${line}`);
  return { name, labels: parseLabels(labels, line), value: Number(value.replace('Inf', 'Infinity')) };
}

function parseLabels(text: string, line: string): Readonly<Record<string, string>> {
  const found = [...text.matchAll(LABEL)];
  if (found.map(([whole]) => whole).join('') !== text) throw new TypeError(`broken labels: ${line}`);
  return Object.fromEntries(found.map(([, name = '', value = '']) => [name, value]));
}
