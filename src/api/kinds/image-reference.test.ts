import { expect, it } from 'vitest';
import { isFloatingReference } from './image-reference.ts';

it.each([
  { image: 'busybox', isFloating: true },
  { image: 'busybox:latest', isFloating: true },
  { image: 'library/busybox', isFloating: true },
  { image: 'localhost/busybox', isFloating: true },
  { image: 'registry.example:5000/a/b', isFloating: true },
  { image: 'REGISTRY/a', isFloating: true },
  { image: 'a__b/c.d-e', isFloating: true },
  { image: 'busybox:1.37', isFloating: false },
  { image: 'registry.example:5000/a/b:v1', isFloating: false },
  { image: `busybox@sha256:${'a'.repeat(64)}`, isFloating: false },
  { image: `busybox:latest@sha256:${'a'.repeat(64)}`, isFloating: false },
  { image: '', isFloating: false },
  { image: '-1', isFloating: false },
  { image: 'A_B', isFloating: false },
  { image: 'Busybox', isFloating: false },
  { image: 'a//b', isFloating: false },
  { image: 'a'.repeat(256), isFloating: false },
  { image: 'a'.repeat(248), isFloating: false },
  { image: 'a'.repeat(247), isFloating: true },
  { image: `${'a'.repeat(127)}/${'a'.repeat(127)}`, isFloating: true },
  { image: 'a'.repeat(64), isFloating: false },
  { image: 'bad name', isFloating: false },
])('API-2: $image is floating: $isFloating', ({ image, isFloating }) => {
  expect(isFloatingReference(image)).toBe(isFloating);
});
