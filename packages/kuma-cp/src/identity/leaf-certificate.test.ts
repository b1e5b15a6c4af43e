import 'reflect-metadata';
import * as x509 from '@peculiar/x509';
import { expect, test } from 'vitest';
import { createLeaf, loadIssuer } from './leaf-certificate.ts';
import { createRoot } from './root-certificate.ts';

const notBefore = Date.UTC(2030, 0, 2, 3, 4, 5);
const root = await createRoot({
  kind: 'root',
  commonName: 'default ca-1',
  uri: 'spiffe://default',
  key: { type: 'ecdsa' },
  notBefore,
  notAfter: Date.UTC(2060, 0, 1),
});
const issuer = loadIssuer(root);

const leafOf = (uris: readonly string[], notAfter = Date.UTC(2031, 0, 1)) =>
  new x509.X509Certificate(createLeaf(issuer, { uris, notBefore, notAfter }).certificate);

test('another reader finds in a certificate what was asked for', async () => {
  const leaf = leafOf(['spiffe://default/web', 'kuma://kuma.io/zone/default']);
  expect(leaf.subject).toBe('');
  expect(leaf.issuer).toBe('O=Kuma, OU=Mesh, CN=default ca-1');
  expect([leaf.notBefore, leaf.notAfter]).toEqual([new Date(notBefore), new Date(Date.UTC(2031, 0, 1))]);
  const names = leaf.getExtension(x509.SubjectAlternativeNameExtension)!;
  expect(names.critical).toBe(true);
  expect(names.names.toJSON()).toEqual([
    { type: 'url', value: 'spiffe://default/web' },
    { type: 'url', value: 'kuma://kuma.io/zone/default' },
  ]);
  expect(leaf.getExtension(x509.BasicConstraintsExtension)).toMatchObject({ ca: false, critical: true });
  expect(leaf.getExtension(x509.KeyUsagesExtension)!.usages).toBe(x509.KeyUsageFlags.digitalSignature);
  expect(leaf.getExtension(x509.ExtendedKeyUsageExtension)!.usages).toEqual([
    x509.ExtendedKeyUsage.serverAuth,
    x509.ExtendedKeyUsage.clientAuth,
  ]);
  const authority = new x509.X509Certificate(root.certificate);
  expect(leaf.getExtension(x509.AuthorityKeyIdentifierExtension)!.keyId).toBe(
    authority.getExtension(x509.SubjectKeyIdentifierExtension)!.keyId,
  );
  expect(await leaf.verify({ publicKey: authority, date: new Date(notBefore + 1000) })).toBe(true);
});

test('names of any length and number are kept', () => {
  const uris = Array.from({ length: 300 }, (_, index) => `kuma://tag-${index}/${'x'.repeat(index)}`);
  const names = leafOf(uris).getExtension(x509.SubjectAlternativeNameExtension)!.names.toJSON();
  expect(names.map(({ value }) => value)).toEqual(uris);
});

test('a certificate may end after the years that two digits can say', () => {
  expect(leafOf(['spiffe://default/web'], Date.UTC(2055, 5, 6, 7, 8, 9)).notAfter).toEqual(
    new Date(Date.UTC(2055, 5, 6, 7, 8, 9)),
  );
});

test('no two certificates have the same serial number', () => {
  const serials = Array.from({ length: 100 }, () => leafOf(['spiffe://default/web']).serialNumber);
  expect(new Set(serials).size).toBe(100);
});
