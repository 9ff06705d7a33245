import { z } from 'zod';
import { dataStore } from './data-store.js';
import { spConnection } from './sp-connection.js';

/** One document of a configuration file, of the admin API and of the configuration topic. */
export const document = z.discriminatedUnion('kind', [dataStore, spConnection]);
export type Document = z.infer<typeof document>;
/** A document as a person writes it: defaults may be left out. */
export type DocumentInput = z.input<typeof document>;
export const DOCUMENT_KINDS = ['DataStore', 'SpConnection'] as const;
export type DocumentKind = (typeof DOCUMENT_KINDS)[number];

/** `<kind>/<name>`: the key on the configuration topic. */
export const documentKey = (kind: DocumentKind, documentName: string): string => `${kind}/${documentName}`;
