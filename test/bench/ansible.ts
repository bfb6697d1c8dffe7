import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cs6Sbin, cs7Home, icsConf } from '../servers/estate.ts';
import type { SshHost } from '../servers/ssh-hosts.ts';
import { type BenchHosts, cs7Files } from './bench-hosts.ts';
import type { MeasuredCommand } from './measured-process.ts';

/** The same work for Ansible, as quick as its documentation makes it: forks, pipelining, kept connections, no gathering of facts. */
export interface AnsiblePeer {
  /** Renders the same files and compares; nothing may differ. */
  check(hosts: readonly SshHost[], port?: number): MeasuredCommand;
  /** Changes one setting of every CS6 host and restarts it; each host must change. */
  apply(hosts: readonly SshHost[], idleTimeout: number, port?: number): MeasuredCommand;
}

/** Lays the playbooks and the templates, which are made from the files that the hosts have. */
export function layAnsible(bench: BenchHosts): AnsiblePeer {
  const folder = join(bench.estate.folder, 'ansible');
  mkdirSync(folder);
  const [cs6, cs7] = [bench.cs6[0]?.name ?? '', bench.cs7[0]?.name ?? ''];
  const conf = readFileSync(bench.estate.pathOf(cs6, icsConf), 'latin1');
  // The last of its lines counts.
  const template = conf.replace('idletimeout = "180"', 'idletimeout = "{{ idletimeout }}"');
  writeFileSync(join(folder, 'ics.conf.j2'), template, 'latin1');
  for (const path of cs7Files)
    writeFileSync(join(folder, `${nameOf(path)}.j2`), readFileSync(bench.estate.pathOf(cs7, path)));
  writeFileSync(join(folder, 'check.yml'), checkBook);
  writeFileSync(join(folder, 'apply.yml'), applyBook);
  writeFileSync(join(folder, 'ansible.cfg'), configuration(bench, folder));
  let runs = 0;
  const play = (book: string, hosts: readonly SshHost[], port: number | undefined, words: readonly string[]) => {
    const inventory = join(folder, 'hosts.ini');
    writeFileSync(inventory, inventoryOf(hosts, port));
    // A new folder for each run: what an earlier one kept open must not help the next.
    const sockets = join('/tmp', `reconcile-bench-${process.pid}-${runs++}`);
    return {
      words: ['ansible-playbook', '-i', inventory, join(folder, book), '--diff', ...words],
      environment: { ANSIBLE_CONFIG: join(folder, 'ansible.cfg'), ANSIBLE_SSH_CONTROL_PATH_DIR: sockets },
      end: () => rmSync(sockets, { recursive: true, force: true }),
    };
  };
  return {
    check(hosts, port) {
      const { end, ...command } = play('check.yml', hosts, port, ['--check', '-e', 'idletimeout=180']);
      return {
        ...command,
        isRight(output) {
          end();
          return linesWith(output, /ok=\d+ +changed=0 +unreachable=0 +failed=0/) === hosts.length;
        },
      };
    },
    apply(hosts, idleTimeout, port) {
      const { end, ...command } = play('apply.yml', hosts, port, ['-e', `idletimeout=${idleTimeout}`]);
      return {
        ...command,
        isRight(output) {
          end();
          return linesWith(output, /changed=2 +unreachable=0 +failed=0/) === hosts.length;
        },
      };
    },
  };
}

const templateTask = `    - name: ics.conf
      ansible.builtin.template:
        src: ics.conf.j2
        dest: ${icsConf}
        output_encoding: iso-8859-1
        owner: "1001"
        group: "1001"
        mode: "0640"
`;

const checkBook = `- hosts: cs6
  gather_facts: false
  tasks:
${templateTask}    - name: processes and patches
      ansible.builtin.shell: ps -e -o pid -o etime -o args; showrev -p
      check_mode: false
      changed_when: false
- hosts: cs7
  gather_facts: false
  tasks:
${cs7Files
  .map(
    path => `    - name: ${nameOf(path)}
      ansible.builtin.template:
        src: ${nameOf(path)}.j2
        dest: ${path}
`,
  )
  .join('')}    - name: processes, version and options
      ansible.builtin.shell: >-
        ps -e -o pid -o etime -o args;
        cd ${cs7Home}/sbin && ./davadmin version -u admin && ./davadmin config -u admin
      check_mode: false
      changed_when: false
`;

const applyBook = `- hosts: cs6
  gather_facts: false
  tasks:
${templateTask}      notify: restart
  handlers:
    - name: restart
      ansible.builtin.shell: ${cs6Sbin}/stop-cal && ${cs6Sbin}/start-cal
`;

function configuration({ estate }: BenchHosts, folder: string): string {
  const { knownHosts, identity } = estate.ssh;
  return `[defaults]
forks = 50
host_key_checking = True
interpreter_python = /usr/bin/python3
local_tmp = ${folder}/tmp
remote_user = root
private_key_file = ${identity}
nocows = True
retry_files_enabled = False
[ssh_connection]
pipelining = True
ssh_args = -F none -o ControlMaster=auto -o ControlPersist=60s -o UserKnownHostsFile=${knownHosts} -o KexAlgorithms=curve25519-sha256 -o Ciphers=aes128-gcm@openssh.com
`;
}

function inventoryOf(hosts: readonly SshHost[], port: number | undefined): string {
  const side = (name: string) => [
    `[${name}]`,
    ...hosts
      .filter(host => host.name.startsWith(name))
      .map(host => `${host.name} ansible_host=${host.address} ansible_port=${port ?? host.port}`),
  ];
  return `${[...side('cs6'), ...side('cs7')].join('\n')}\n`;
}

function nameOf(path: string): string {
  return path.split('/').at(-1) ?? path;
}

function linesWith(output: string, pattern: RegExp): number {
  return output.split('\n').filter(line => pattern.test(line)).length;
}
