import { selfSigned } from '../support/self-signed';
import { problemsOf, read, tenantOf, withTenant } from './sample';

describe('the certificates of a tenant', () => {
  const [own, other] = [selfSigned('bank'), selfSigned('other')];
  const problem = (keys: object) => problemsOf(withTenant(keys));

  it('may contain several authorities, and a certificate with its key', () => {
    const ca = `Root of the bank\n${own.cert}\n${other.cert}`;
    const written = { ca, clientCertificate: { certificate: own.cert, key: 'env:KEY' } };
    const tenant = tenantOf(read(withTenant(written), { KEY: own.key }));
    expect(tenant.ca).toBe(ca);
    expect(tenant.clientCertificate?.key.reveal()).toBe(own.key);
    expect(JSON.stringify(tenant)).not.toContain('PRIVATE KEY');
  });

  it.each([
    ['a path', './bank-ca.pem'],
    ['a key', own.key],
    ['a certificate that is cut short', own.cert.replace(/\n.*\n-----END/, '\n-----END')],
    ['one good and one bad', `${own.cert}-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----`],
  ])('are refused if they contain %s', (_, ca) => {
    const expected = 'expected certificates in PEM form, such as `file:./secrets/bank-ca.pem` gives';
    expect(problem({ ca })).toEqual([`\`tenants.mycompany.ca\`: ${expected}`]);
  });

  it('are refused without the key of the first certificate', () => {
    const key = '`tenants.mycompany.clientCertificate.key`';
    const certificate = own.cert;
    for (const wrong of [other.key, certificate, 'none'])
      expect(problem({ clientCertificate: { certificate, key: wrong } })).toEqual([
        `${key}: expected the certificate's private key, in PEM form and without a passphrase`,
      ]);
    expect(problem({ clientCertificate: { certificate } })[0]).toContain(`${key}: is missing`);
  });
});
