import { expect, it } from 'vitest';
import type { Secret } from '#api/generated/kubernetes.ts';
import { authFileText, credentialsFor, credentialsIn, fingerprintOf } from './registry-credentials.ts';

const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64');
const secret = (data: Record<string, string>): Secret => ({ apiVersion: 'v1', kind: 'Secret', metadata: SOME, data });
const SOME = { name: 's', namespace: 'd', uid: 'u', resourceVersion: '1', creationTimestamp: '2026-01-01T00:00:00Z' };
const AUTH = Buffer.from('ann:pw').toString('base64');

it.each([
  { name: 'auth', auths: { 'reg.example.com': { auth: AUTH } }, found: { pattern: 'reg.example.com', auth: AUTH, identityToken: '' } },
  {
    name: 'user and password',
    auths: { 'reg.example.com:5000/team': { username: 'ann', password: 'pw' } },
    found: { pattern: 'reg.example.com:5000/team', auth: AUTH, identityToken: '' },
  },
  {
    name: 'docker.io as docker login writes it',
    auths: { 'https://index.docker.io/v1/': { auth: AUTH } },
    found: { pattern: 'docker.io', auth: AUTH, identityToken: '' },
  },
  {
    name: 'an identity token',
    auths: { 'https://reg.example.com': { identitytoken: 't' } },
    found: { pattern: 'reg.example.com', auth: '', identityToken: 't' },
  },
])('reads $name out of both types of secrets', ({ auths, found }) => {
  expect(credentialsIn([secret({ '.dockerconfigjson': encode({ auths }) })])).toEqual([found]);
  expect(credentialsIn([secret({ '.dockercfg': encode(auths) })])).toEqual([found]);
});

it.each([
  { name: 'no JSON', data: { '.dockerconfigjson': 'AAAA' } },
  { name: 'another shape', data: { '.dockerconfigjson': encode({ auths: [] }) } },
  { name: 'an empty entry', data: { '.dockerconfigjson': encode({ auths: { a: {} } }) } },
  { name: 'nothing', data: {} },
])('finds none in $name', ({ data }) => {
  expect(credentialsIn([secret({ ...data })])).toEqual([]);
});

const of = (pattern: string): { pattern: string; auth: string; identityToken: string } => ({ pattern, auth: AUTH, identityToken: '' });

it.each([
  {
    full: 'reg.example.com/team/app:1',
    patterns: ['reg.example.com', 'reg.example.com/team'],
    fit: ['reg.example.com/team', 'reg.example.com'],
  },
  {
    full: 'reg.example.com/team/app:1',
    patterns: ['*.example.com', 'example.com', '*.com', 'reg.*.com'],
    fit: ['*.example.com', 'reg.*.com'],
  },
  {
    full: 'reg.example.com:5000/app:1',
    patterns: ['reg.example.com', 'reg.example.com:5000', 'reg.example.com:5001'],
    fit: ['reg.example.com:5000'],
  },
  { full: 'docker.io/library/nginx:latest', patterns: ['docker.io', 'quay.io'], fit: ['docker.io'] },
  { full: 'reg.example.com/other/app', patterns: ['reg.example.com/team'], fit: [] },
])('shows $full what fits of $patterns', ({ full, patterns, fit }) => {
  expect(credentialsFor(full, patterns.map(of)).map(({ pattern }) => pattern)).toEqual(fit);
});

it('tells credentials apart, and writes them for one registry only', () => {
  expect(fingerprintOf(of('a'))).not.toBe(fingerprintOf(of('b')));
  expect(JSON.parse(authFileText('reg.example.com', of('*.example.com')))).toEqual({ auths: { 'reg.example.com': { auth: AUTH } } });
});
