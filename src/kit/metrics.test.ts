import { describe, expect, it } from 'vitest';
import { Metrics } from './metrics.ts';

describe('Metrics', () => {
  it('renders counters and gauges, with labels escaped', () => {
    const metrics = new Metrics();
    metrics.counter({ name: 'stowage_x_total', help: 'X.', labels: ['who'] }).increase(['a"b\\c\nd'], 2);
    metrics.counter({ name: 'stowage_x_total', help: 'X.', labels: ['who'] }).increase(['a"b\\c\nd']);
    const depth = metrics.gauge({ name: 'stowage_depth', help: 'Depth.', labels: [] });
    depth.set([], 5);
    depth.set([], 3);
    expect(metrics.render()).toBe(
      [
        '# HELP stowage_x_total X.',
        '# TYPE stowage_x_total counter',
        'stowage_x_total{who="a\\"b\\\\c\\nd"} 3',
        '# HELP stowage_depth Depth.',
        '# TYPE stowage_depth gauge',
        'stowage_depth 3',
        '',
      ].join('\n'),
    );
  });

  it('cumulates the buckets of a histogram', () => {
    const metrics = new Metrics();
    const seconds = metrics.histogram({ name: 'stowage_y_seconds', help: 'Y.', labels: ['k'] }, [0.1, 1]);
    for (const value of [0.1, 0.5, 7]) seconds.observe(['v'], value);
    expect(metrics.render().split('\n').slice(2, -1)).toEqual([
      'stowage_y_seconds_bucket{k="v",le="0.1"} 1',
      'stowage_y_seconds_bucket{k="v",le="1"} 2',
      'stowage_y_seconds_bucket{k="v",le="+Inf"} 3',
      'stowage_y_seconds_sum{k="v"} 7.6',
      'stowage_y_seconds_count{k="v"} 3',
    ]);
  });

  it('refuses a name that stands for something else', () => {
    const metrics = new Metrics();
    metrics.counter({ name: 'n', help: '', labels: ['a'] });
    expect(() => metrics.gauge({ name: 'n', help: '', labels: ['a'] })).toThrow('declared twice');
    expect(() => metrics.counter({ name: 'n', help: '', labels: ['b'] })).toThrow('declared twice');
  });

  it('counts under "other" what would be too many series', () => {
    const metrics = new Metrics();
    const counter = metrics.counter({ name: 'n', help: '', labels: ['path'] });
    for (let index = 0; index < 10_000; index += 1) counter.increase([`/${index}`]);
    const lines = metrics.render().split('\n');
    expect(lines.length).toBeLessThan(2_010);
    expect(lines).toContain('n{path="other"} 8000');
  });
});
