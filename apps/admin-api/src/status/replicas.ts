import { lookup } from 'node:dns/promises';

export type Lookup = (host: string) => Promise<readonly { readonly address: string; readonly family: number }[]>;

const everyAddress: Lookup = (host) => lookup(host, { all: true });

/**
 * The base URLs of all replicas behind a base URL: one per address where its host name has several, as with a headless Service in
 * Kubernetes or a scaled service in compose. The URL itself where it has one, where it cannot be resolved (the request will say why),
 * and with https, whose certificate is for the name. Never rejects.
 */
export async function replicasOf(url: string, addressesOf: Lookup = everyAddress): Promise<readonly string[]> {
  const { protocol, hostname } = new URL(url);
  if (protocol !== 'http:') return [url];
  const addresses = await addressesOf(hostname).catch(() => []);
  // With two families each replica is there twice.
  const oneFamily = addresses.filter(({ family }) => family === Math.min(...addresses.map((one) => one.family)));
  if (oneFamily.length < 2) return [url];
  return oneFamily.map(({ address, family }) => {
    const replica = new URL(url);
    replica.hostname = family === 6 ? `[${address}]` : address;
    return replica.href;
  });
}
