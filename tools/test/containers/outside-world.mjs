import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Attribute, Change, Client } from 'ldapts';
import { startDirectory } from '../../../libs/embedded/dist/index.js';
import { startScimTarget } from '../../../libs/testing/dist/index.js';

const BASE = 'dc=corp,dc=example';
const PEOPLE = ['ada', 'grace', 'katherine'];
/** How containers call the machine of an engine that runs in a virtual one; from there its loopback interface is reached. */
const MACHINE_OF_ENGINE = 'host.docker.internal';

const personDn = (uid) => `uid=${uid},ou=people,${BASE}`;
const ldif = [
  `dn: ${BASE}\nobjectClass: domain\ndc: corp`,
  `dn: ou=people,${BASE}\nobjectClass: organizationalUnit\nou: people`,
  ...PEOPLE.map(
    (uid) => `dn: ${personDn(uid)}\nobjectClass: inetOrgPerson\nuid: ${uid}\ncn: ${uid}\nsn: ${uid}\ntitle: Engineer`,
  ),
].join('\n\n');

/**
 * What is not Provisor: a real LDAP directory and a SCIM service provider on this machine. Both listen on the loopback interface, which
 * containers cannot reach: relays on the gateway of the containers' network, which only this machine can reach, let them through.
 */
export async function startOutsideWorld() {
  const folder = mkdtempSync(join(tmpdir(), 'provisor-containers-'));
  writeFileSync(join(folder, 'start.ldif'), ldif);
  const opened = [() => rmSync(folder, { recursive: true })];
  const stop = async () => {
    for (const close of opened.splice(0).reverse()) await close();
  };
  try {
    const directory = await startDirectory({
      baseDn: BASE,
      dataDir: join(folder, 'directory'),
      ldif: join(folder, 'start.ldif'),
    });
    opened.push(() => directory.stop());
    const target = await startScimTarget();
    opened.push(() => target.stop());
    const admin = new Client({ url: directory.url });
    await admin.bind(directory.bindDn, directory.password);
    opened.push(() => admin.unbind());
    const tenant = target.tenant('corp');
    return {
      people: PEOPLE,
      tenant,
      /** The documents, with addresses that containers reach by this gateway. */
      documents: async (gateway) => {
        const passage = async (port) => {
          const relay = await relayTo(port, gateway);
          if (relay === undefined) return `${MACHINE_OF_ENGINE}:${port}`;
          opened.push(relay.close);
          return `${gateway}:${relay.port}`;
        };
        const at = { directory: await passage(directory.port), target: await passage(target.port) };
        return documents({ directory, target, at });
      },
      /** Variables that the documents name. */
      environment: { LDAP_PASSWORD: directory.password },
      /** Stands in a document in clear, to be sealed by the admin API. */
      token: target.token,
      setTitle: (uid, title) =>
        admin.modify(
          personDn(uid),
          new Change({ operation: 'replace', modification: new Attribute({ type: 'title', values: [title] }) }),
        ),
      titleOf: (uid) => tenant.users.findBy('userName', uid)?.resource.title,
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

const documents = ({ directory: { baseDn, bindDn }, target, at }) => [
  {
    apiVersion: 'provisor/v1',
    kind: 'DataStore',
    metadata: { name: 'directory' },
    spec: {
      type: 'ldap',
      url: `ldap://${at.directory}`,
      baseDn,
      bind: { dn: bindDn, password: { env: 'LDAP_PASSWORD' } },
    },
  },
  {
    apiVersion: 'provisor/v1',
    kind: 'SpConnection',
    metadata: { name: 'target' },
    spec: {
      target: {
        type: 'scim',
        baseUrl: `http://${at.target}/corp/v2`,
        auth: { type: 'bearer', token: { value: target.token } },
        allowInsecure: true,
      },
      channels: [{ name: 'staff', dataStore: 'directory', users: {}, attributes: { userName: 'uid', title: 'title' } }],
    },
  },
];

/** Passes connections on to a port of the loopback interface; undefined where the address is none of this machine. */
async function relayTo(port, host) {
  const sockets = new Set();
  const server = createServer((incoming) => {
    const outgoing = connect(port, '127.0.0.1');
    for (const socket of [incoming, outgoing]) {
      sockets.add(socket);
      socket.on('close', () => sockets.delete(socket));
      socket.on('error', () => [incoming, outgoing].forEach((one) => one.destroy()));
    }
    incoming.pipe(outgoing).pipe(incoming);
  });
  const listening = await new Promise((resolve, reject) =>
    server
      .once('error', (error) => (error.code === 'EADDRNOTAVAIL' ? resolve(false) : reject(error)))
      .listen(0, host, () => resolve(true)),
  );
  if (!listening) return undefined;
  return {
    port: server.address().port,
    close: () => {
      for (const socket of sockets) socket.destroy();
      return new Promise((resolve) => server.close(resolve));
    },
  };
}
