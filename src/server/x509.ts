import type * as x509 from '@peculiar/x509';

type X509 = typeof x509;

/**
 * The only place that loads `@peculiar/x509`, and only when certificates are made: it costs 100 ms and 10 MB. One of its
 * dependencies, tsyringe, refuses to load without the metadata methods of `reflect-metadata`; for classes that carry no
 * metadata, as there, empty answers do.
 */
export async function loadX509(): Promise<X509> {
  for (const name of ['getMetadata', 'getOwnMetadata', 'defineMetadata']) {
    if (!(name in Reflect))
      Object.defineProperty(Reflect, name, { value: () => undefined, configurable: true });
  }
  return import('@peculiar/x509');
}
