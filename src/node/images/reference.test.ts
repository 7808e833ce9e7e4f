import { expect, it } from 'vitest';
import { parseReference } from './reference.ts';

const DIGEST = `sha256:${'a'.repeat(64)}`;

it.each([
  { text: 'nginx', full: 'docker.io/library/nginx:latest' },
  { text: 'nginx:1.27', full: 'docker.io/library/nginx:1.27' },
  { text: 'team/app', full: 'docker.io/team/app:latest' },
  { text: 'docker.io/nginx', full: 'docker.io/library/nginx:latest' },
  { text: 'registry.example.com/a/b/c:v1', full: 'registry.example.com/a/b/c:v1' },
  { text: 'localhost:5000/app', full: 'localhost:5000/app:latest' },
  { text: 'host:5000/app:2', full: 'host:5000/app:2' },
  { text: `quay.io/x/y:1@${DIGEST}`, full: `quay.io/x/y@${DIGEST}` },
])('reads $text as $full', ({ text, full }) => {
  expect(parseReference(text)).toEqual({ full, registry: full.slice(0, full.indexOf('/')) });
});

it.each(['', 'Nginx', 'a//b', 'a:', ':1', 'a b', '../x', 'a/../b', 'http://a/b', '-x', `x@sha256:abc`])('refuses %j', (text) => {
  expect(parseReference(text)).toBeUndefined();
});
