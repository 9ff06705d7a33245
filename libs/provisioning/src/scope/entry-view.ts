import type { SourceAttributes, SourceValue } from '@provisor/contracts';
import { DnProblem, normalizedRdns } from './dn.js';

const NOTHING: readonly SourceValue[] = [];

/**
 * An object's attributes as a directory would show them: names without regard to case, and an attribute with options
 * (`cn;lang-de`) as a subtype of the one without (RFC 4512 section 2.5.2.1). `entryDN` and `dn` give the DN, `objectId` the id,
 * where no attribute has that name.
 */
export class EntryView {
  private readonly values = new Map<string, readonly SourceValue[]>();
  private rdns: readonly string[] | DnProblem | undefined;
  readonly dn: string | undefined;

  constructor(object: { readonly attributes?: SourceAttributes; readonly dn?: string; readonly objectId?: string }) {
    this.dn = object.dn;
    for (const [name, values] of Object.entries(object.attributes ?? {})) this.add(name.toLowerCase(), values);
    if (object.dn !== undefined) {
      this.addMissing('entrydn', object.dn);
      this.addMissing('dn', object.dn);
    }
    if (object.objectId !== undefined) this.addMissing('objectid', object.objectId);
  }

  /** Values of the attribute with that name in lower case; empty where there is none. */
  get(lowerCaseName: string): readonly SourceValue[] {
    return this.values.get(lowerCaseName) ?? NOTHING;
  }

  has(lowerCaseName: string): boolean {
    return this.values.has(lowerCaseName);
  }

  /** All attributes, by name in lower case. */
  entries(): Iterable<[string, readonly SourceValue[]]> {
    return this.values.entries();
  }

  /** The DN's normalised RDNs, undefined where the object has none. Throws DnProblem where it is not one. */
  normalizedRdns(): readonly string[] | undefined {
    if (this.dn === undefined) return undefined;
    this.rdns ??= readRdns(this.dn);
    if (this.rdns instanceof DnProblem) throw this.rdns;
    return this.rdns;
  }

  private add(name: string, values: readonly SourceValue[]): void {
    if (values.length === 0) return;
    const before = this.values.get(name);
    this.values.set(name, before === undefined ? values : [...before, ...values]);
    const options = name.lastIndexOf(';');
    if (options > 0) this.add(name.slice(0, options), values);
  }

  private addMissing(name: string, value: string): void {
    if (!this.values.has(name)) this.values.set(name, [value]);
  }
}

function readRdns(dn: string): readonly string[] | DnProblem {
  try {
    return normalizedRdns(dn);
  } catch (error) {
    if (error instanceof DnProblem) return error;
    throw error;
  }
}
