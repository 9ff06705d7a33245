import { compare, type DirectoryContent, type ServiceProviderContent } from '@provisor/demo';
import type { ScimTarget, Tenant } from '@provisor/testing';
import { Gate } from './gate.js';

/** One service provider as an SP connection meets it: a tenant of the simulator, behind a gate of its own. */
export class ServiceProvider {
  readonly name: string;
  /** State and ledger. */
  readonly tenant: Tenant;
  /** Closed, the service provider is down. */
  readonly gate: Gate;

  private constructor(name: string, tenant: Tenant, gate: Gate) {
    this.name = name;
    this.tenant = tenant;
    this.gate = gate;
  }

  static async create(name: string, target: ScimTarget): Promise<ServiceProvider> {
    return new ServiceProvider(name, target.tenant(name), await Gate.to(target.port));
  }

  get baseUrl(): string {
    return `http://127.0.0.1:${this.gate.port}/${this.name}/v2`;
  }

  get accounts(): number {
    return this.tenant.users.size;
  }

  /** What differs from what the directory says, in words: accounts, their attributes, groups and members. */
  differences(directory: DirectoryContent): readonly string[] {
    return compare(directory, this.#content(), true).differences;
  }

  /** Accounts and groups that were created more than once, by their key. */
  createdTwice(): readonly string[] {
    return [...this.tenant.ledger.createsPerKey()].flatMap(([key, times]) => (times > 1 ? [`${key} ${times}×`] : []));
  }

  #content(): ServiceProviderContent {
    const { users, groups } = this.tenant;
    const shown = {
      users: [...users.all()].map((stored) => this.tenant.show(users, stored)),
      groups: [...groups.all()].map((stored) => this.tenant.show(groups, stored)),
    };
    return shown as unknown as ServiceProviderContent;
  }
}
