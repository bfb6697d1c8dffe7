import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { judgeRefusal } from '../../../src/adapters/ssh/become-fault.ts';
import { examineFrom } from '../../../src/adapters/ssh/examine-script.ts';
import { fenceRefusal } from '../../../src/adapters/ssh/fence-script.ts';
import { parseFrames, scriptProcess } from '../../../src/adapters/ssh/frames.ts';
import { parseJump } from '../../../src/adapters/ssh/host-endpoint.ts';
import { HostFault, quoteHost, quotePrompt } from '../../../src/adapters/ssh/host-fault.ts';
import { readRunPart, readRuns } from '../../../src/adapters/ssh/kept-runs.ts';
import { KeyFault, keyFromText } from '../../../src/adapters/ssh/key-source.ts';
import {
  authoritiesOf,
  judgeKey,
  type KnownHostLine,
  knownKeyTypes,
  parseKnownHosts,
} from '../../../src/adapters/ssh/known-hosts.ts';
import { deedsIn, lockView, watchdogsIn } from '../../../src/adapters/ssh/lock-report.ts';
import { clockFrom, commandFrom, fileFrom, parseClock, parseListLine } from '../../../src/adapters/ssh/read-answer.ts';
import { cksum, fromPlainWord, plainWord } from '../../../src/adapters/ssh/shell-words.ts';
import {
  hostCertificateFault,
  readCertificate,
  type SshCertificate,
} from '../../../src/adapters/ssh/ssh-certificate.ts';
import { asksForProgram, linesOf, readSshConfig, stateOf } from '../../../src/adapters/ssh/ssh-config.ts';
import { recordFrom } from '../../../src/adapters/ssh/start-record.ts';
import { asBytes, claim, type Parser } from '../parser.ts';

const isFault = (error: unknown) => error instanceof HostFault;
const nonce = 'abcdef0123456789abcdef01';
const mark = `@${nonce} 0`;
const framesOf = (text: string) => parseFrames(Buffer.from(text, 'latin1'), nonce);

const ed25519 = 'AAAAC3NzaC1lZDI1NTE5AAAAIJ7pT2yZ0X6L0qvM4d8f8uQ1rX0zN5bGm0l8lX4b2n3k';
const place = { address: 'cs6.example.com', port: 2222 };

const knownHosts: Parser = {
  name: 'known_hosts',
  covers: ['parseKnownHosts', 'judgeKey', 'knownKeyTypes', 'authoritiesOf', 'knownHostsLine'],
  samples: [
    `# c\ncs6.example.com,[cs6.example.com]:2222,*.example.org,!bad.example.org ssh-ed25519 ${ed25519} comment\n|1|c2FsdHNhbHRzYWx0c2FsdHNhbA==|aGFzaGhhc2hoYXNoaGFzaGhhc2g= ssh-ed25519 ${ed25519}\n`,
    `@cert-authority *.example.com ssh-ed25519 ${ed25519}\r\n@revoked * ssh-ed25519 ${ed25519}\n`,
  ],
  words: [
    '*',
    '?',
    '*e',
    '!',
    '|1|',
    '|',
    ',',
    ' ',
    '@revoked ',
    '@cert-authority ',
    'ssh-rsa',
    'AAAA',
    '=',
    ed25519,
    '[',
    ']:22',
    '+',
  ],
  read: text => {
    const lines = parseKnownHosts(text, 'known_hosts');
    const key = Buffer.from(ed25519, 'base64');
    return {
      lines,
      verdict: judgeKey(lines, place, key),
      types: knownKeyTypes(lines, place),
      authorities: authoritiesOf(lines, place),
    };
  },
  holds: (text, result) => {
    const { lines, verdict } = result as {
      readonly lines: readonly KnownHostLine[];
      readonly verdict: { readonly state: string };
    };
    for (const { type, names } of lines)
      claim(text.includes(type) && names.every(name => text.includes(name)), 'a line is in the file');
    claim(verdict.state !== 'known' || text.includes(ed25519.slice(0, 60)), 'a key that counts is in the file');
  },
};

const folder = mkdtempSync(join(tmpdir(), 'fuzz-ssh-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const config = join(folder, 'config');

const sshConfig: Parser = {
  name: 'ssh_config',
  covers: ['readConfigFile', 'readSshConfig', 'stateOf', 'linesOf', 'splitWords', 'hostNameOf'],
  samples: [
    'Host cs6 *.example.com !bad\n  HostName "10.0.0.1"\n  IdentityFile ~/.ssh/a\\ b\n\tPort=2222 # c\nMatch host "cs6" user root,ops\n  ProxyJump a@b:22\nInclude none/*.conf\nMatch final all\n Compression yes\n',
    'Match originalhost cs6 !localuser x\n  User \'o p\'\n"IdentityFile" "k"\nCanonicalizeHostname no\n',
  ],
  words: [
    'Host ',
    'Match ',
    'Match exec "id" ',
    ' exec "x"',
    '*',
    '*s',
    '?',
    '!',
    '"',
    "'",
    '\\',
    '=',
    '#',
    'Include ',
    '[a',
    '[!',
    '%h',
    ',',
    'all',
    ' ',
  ],
  read: text => {
    writeFileSync(config, text);
    const files = readSshConfig(config, folder);
    const asks = asksForProgram(files);
    stateOf(files, { host: 'cs6' }, { localUser: 'ops', isAlone: false });
    return { asks, keywords: linesOf(files).map(({ keyword }) => keyword) };
  },
  refuses: isFault,
  holds: (text, result) => {
    const { asks, keywords } = result as { readonly asks: boolean; readonly keywords: readonly string[] };
    for (const keyword of keywords)
      claim(Buffer.from(text).toString().toLowerCase().includes(keyword), 'a keyword is in the file');
    // OpenSSH takes line ends of its own kind only, and would run the command.
    const runs = text.split('\n').some(line => /^[ \t\r]*"?match"?[ \t\r=]+exec[ \t\r=]+[^ \t\r\n\0]/i.test(line));
    claim(asks || !runs, 'a command that OpenSSH would run is seen');
  },
};

const string = (content: string) => {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(content.length);
  return length.toString('latin1') + content;
};
const CERTIFICATE =
  string('ssh-ed25519-cert-v01@openssh.com') +
  string('n'.repeat(32)) +
  string('k'.repeat(32)) +
  '\0'.repeat(8) +
  '\0\0\0\x02' +
  string('id') +
  string(string('cs6.example.com') + string('*.example.org')) +
  '\0'.repeat(8) +
  '\xff'.repeat(8) +
  string('') +
  string('') +
  string('') +
  string(string('ssh-ed25519') + string('a'.repeat(32))) +
  string(string('ssh-ed25519') + string('s'.repeat(64)));

const certificates: Parser = {
  name: 'OpenSSH certificates',
  covers: ['readCertificate', 'hostCertificateFault', 'keyType'],
  samples: [CERTIFICATE],
  words: ['\0\0\0\0', '\xff\xff\xff\xff', string('*'), string('*e*'), '\0', '\0\0\0\x01'],
  bytes: true,
  longest: 60_000,
  read: text => {
    const certificate = readCertificate(Buffer.from(text, 'latin1'));
    return certificate && { certificate, fault: hostCertificateFault(certificate, 'cs6.example.com', 1e12) };
  },
  holds: (_, result) =>
    claim(
      (result as { fault?: string } | undefined)?.fault !== undefined || result === undefined,
      'no forged certificate counts',
    ),
};

/** Every pattern that a host may send in a certificate before its signature counts. */
const principals: Parser = {
  name: 'principals of a host certificate',
  covers: ['hostCertificateFault', 'fitsPattern'],
  samples: ['*.example.com', 'cs6.example.com', '*', 'c?6.*'],
  words: ['*', '?', '*e', '**', '.', '[', '\\', '(', '+', '$'],
  read: text => {
    const certificate = { kind: 'host', principals: [text], validAfter: 0n, validBefore: 1n << 63n, critical: [] };
    return hostCertificateFault(
      {
        ...certificate,
        authority: Buffer.alloc(0),
        signature: Buffer.alloc(0),
        signed: Buffer.alloc(0),
      } as unknown as SshCertificate,
      `${'cs6e'.repeat(15)}.example.com`,
      1e12,
    );
  },
  holds: (_, result) => claim(result !== undefined, 'no forged certificate counts'),
};

const keys: Parser = {
  name: 'private keys',
  covers: ['keyFromText', 'readPublicLine'],
  samples: [
    '-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjEAAAAABG5vbmUAAAAEbm9uZQAAAAAAAAABAAAAMwAAAAtzc2gtZW\nQyNTUxOQAAACCe6U9smdF+i9KrzOHfH/LkNa19MzeWxptJfJV+G9p95A\n-----END OPENSSH PRIVATE KEY-----\n',
    '-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,00\n\nAAAA\n-----END RSA PRIVATE KEY-----\n',
  ],
  words: ['-----BEGIN ', '-----END ', 'AAAA', '=', 'Proc-Type: ', 'OPENSSH PRIVATE KEY-----'],
  longest: 32_768,
  read: text => keyFromText(text, () => undefined).holds,
  refuses: error => error instanceof KeyFault,
};

const jumps: Parser = {
  name: 'jump hosts',
  covers: ['parseJump'],
  samples: ['ops@bastion.example.com:2222', 'ssh://a.b@[fe80::1%eth0]:22/', '::1'],
  words: ['@', ':', '[', ']', 'ssh://', '/', '.', '%', '65536'],
  read: parseJump,
  refuses: isFault,
  holds: (text, result) => {
    const { address, port = 22 } = result as ReturnType<typeof parseJump>;
    claim(text.includes(address) && port > 0 && port < 65_536, 'the address is in it');
  },
};

const lines: Parser = {
  name: 'lines of ls and date',
  covers: ['parseListLine', 'parseClock'],
  samples: [
    '-rw-r--r-- 1 0 0 1338 2026-11-22 09:49:50.134952354 +0000 /etc/passwd',
    '-rw-r-----+  1 100      4     1338 2026-11-22 10:49:50 /etc/pass wd',
    '20261130120000',
  ],
  words: [' ', '2026-11-22 ', '+0000 ', '-', '9', '\r'],
  read: text => [parseListLine(text), parseClock(text)],
  holds: (text, result) => {
    const [line] = result as readonly ReturnType<typeof parseListLine>[];
    claim(!line || (text.includes(line.name) && text.startsWith(line.mode)), 'a line is the text');
  },
};

const FILE = (content: string) => {
  const sum = cksum(Buffer.from(content, 'latin1'));
  const listed = '-rw-r--r-- 1 0 0 5 2026-11-22 09:49:50.134952354 +0000 ics.conf';
  return `Welcome\n${mark} file\n/etc/opt\n${listed}\n${sum}\n${mark} data\n${content}\n${mark} end\n${sum}\n${mark} times\ntimes 1763804990 1763804991\n@${nonce} - done\n`;
};

const fileAnswers: Parser = {
  name: 'answers with files',
  covers: ['parseFrames', 'fileFrom', 'scriptProcess', 'quoteHost', 'quotePrompt', 'fenceRefusal'],
  samples: [FILE('a.b = "1"\n'), FILE(''), `${mark} missing\n`, `${mark} refused hidden\n@${nonce} - start 812\n`],
  words: [mark, `${mark} data\n`, `${mark} end\n`, `@${nonce}`, ' - ', 'link', 'missing', '\n\n'],
  bytes: true,
  read: text => {
    const frames = framesOf(text);
    scriptProcess(Buffer.from(text, 'latin1'), nonce);
    fenceRefusal(frames);
    quoteHost(text);
    quotePrompt(text);
    return fileFrom('/etc/opt/ics.conf', frames, '');
  },
  refuses: isFault,
  holds: (text, result) => {
    if (result === 'missing') claim(framesOf(text)[0]?.word === 'missing', 'absent is only what the host says is');
    if (typeof result === 'object' && result !== null && 'content' in result)
      claim(text.includes((result.content as Buffer).toString('latin1')), 'the content is in the answer');
  },
};

const commandAnswers: Parser = {
  name: 'answers with commands and clocks',
  covers: ['commandFrom', 'clockFrom', 'judgeRefusal'],
  samples: [
    `${mark} run 0\nhello\n${mark} code 0\n`,
    `${mark} absent\n`,
    `${mark} unusable 1\n`,
    `${mark} clock\n20261130120000\n`,
  ],
  words: [mark, `${mark} code `, ' run ', ' 99', 'absent', '\n'],
  bytes: true,
  read: text => {
    const frames = framesOf(text);
    const privilege = { by: 'sudo', as: 'root' } as never;
    const endpoint = { user: 'ops', address: 'h', port: 22, knownHosts: [], legacyAlgorithms: false, jump: false };
    judgeRefusal({ endpoint, privilege, said: text, code: 1, answered: true });
    if (frames[0]?.word === 'clock') return { clock: clockFrom(frames) };
    return commandFrom({ words: ['./cscal', 'list'], directories: ['/a', '/b'] }, frames);
  },
  refuses: isFault,
  holds: (text, result) => {
    const { state, code } = result as { readonly state?: string; readonly code?: number };
    claim(state !== 'absent' || text.includes('absent'), 'absent is only what the host says is');
    claim(
      code === undefined || text.includes(String(code)) || /code 0/.test(text) || code > 1e15,
      'the code is in the answer',
    );
  },
};

const listed = (name: string) => `-rw------- 1 0 0 40 2026-11-22 09:49:50.5 +0000 ${name}`;
const LOCK = `${mark} clock\n20261130120000\n${mark} lock\n${listed('/root/.reconcile/lock')}\n${mark} beat\n${listed(`/root/.reconcile/lock/beat-${nonce}`)}\n${mark} holder\nrun=r1\nby=ops%40h\n`;

const locks: Parser = {
  name: 'answers about locks and watchdogs',
  covers: ['lockView', 'watchdogsIn', 'deedsIn', 'splitView'],
  samples: [
    LOCK,
    `${mark} free\n${mark} watchdog waiting\n/root/.reconcile/watch-cs6-service-${nonce}\nbegun at 2026-11-22T10:00:00Z, patience 600 s\n`,
    `${mark} held\n${mark} acted\n/root/.reconcile/watchdog-cs6.done\nput /etc/ics.conf back\n`,
    `${mark} now\n${listed('x')}\n${mark} lock\n${listed('l')}\n${mark} left\n${listed('left-1')}\n${mark} holder\nrun=\nby=\n`,
  ],
  words: [
    mark,
    `${mark} left\n`,
    `${mark} holder\n`,
    '/watch-',
    '/watchdog-',
    '.done',
    'run=',
    'by=',
    '%',
    'acting',
    nonce,
  ],
  bytes: true,
  read: text => {
    const frames = framesOf(text);
    return { view: lockView(frames), watchdogs: watchdogsIn(frames), deeds: deedsIn(frames) };
  },
  refuses: isFault,
  holds: (text, result) => {
    const { view } = result as { readonly view: ReturnType<typeof lockView> };
    if (view.state === 'free') claim(/ (free|none)\b/.test(text), 'a lock is free only where the host says so');
    if (view.state === 'taken') claim(text.includes(view.file), 'the holder is in the answer');
  },
};

const RECORD = `${mark} record\nreconcile start 1\nboot 0aa0\nprocess 812 1763804990000 4711\nfile ${'a'.repeat(64)} %2fetc%2fics.conf\nend\n${mark} now\nboot 0aa0\nprocess 812 4711\n`;

const records: Parser = {
  name: 'records of starts',
  covers: ['recordFrom'],
  samples: [RECORD],
  words: ['process ', 'file ', 'boot ', 'end\n', mark, '%', '-'],
  bytes: true,
  read: text => {
    const record = recordFrom(framesOf(text));
    record?.holds({
      asked: '/etc/ics.conf',
      path: '/etc/ics.conf',
      content: Buffer.alloc(0),
      modified: 0,
      owner: '',
      mode: '',
      link: false,
    });
    return record;
  },
  holds: (text, result) => {
    const record = result as ReturnType<typeof recordFrom>;
    claim(
      !record || (text.includes('\nend') && record.processes.every(({ pid }) => text.includes(String(pid)))),
      'a record is whole',
    );
  },
};

const runName = '20261130T120000000Z-0aa0bb11';
const head = '{"line":"run"}\n';
const RUNS = `${mark} list\n-rw------- 1 0 0 ${head.length} Nov 30 12:00 ${runName}.head.json\n${mark} listed\n${mark} sums\n${cksum(Buffer.from(head))} ${runName}.head.json\n${mark} texts\n${head}\n${mark} end\n`;
const PART = `${mark} sum\n${cksum(Buffer.from('text'))}\n${mark} data\ntext\n${mark} end\n`;

const runs: Parser = {
  name: 'runs that a host keeps',
  covers: ['readRuns', 'readRunPart'],
  samples: [RUNS, PART, `${mark} end\n`],
  words: [mark, `${mark} sums\n`, `${mark} listed\n`, `${runName}.plan.json`, '99', '-1', ' '],
  bytes: true,
  read: async text => {
    const ask = async () => [{ frames: framesOf(text), errors: '' }] as never;
    const part = await readRunPart('e', runName, 'head.json', ask, 0).catch((error: unknown) => {
      if (!isFault(error)) throw error;
    });
    const all = await readRuns('e', ask, 0).catch((error: unknown) => {
      if (!isFault(error)) throw error;
    });
    return { part, all };
  },
  holds: (text, result) => {
    const { part, all } = result as { readonly part?: string; readonly all?: Awaited<ReturnType<typeof readRuns>> };
    claim(part === undefined || text.includes(asBytes(part)) || /[\x80-\xff]/.test(text), 'a part is in the answer');
    for (const { run, head: text1 } of all ?? [])
      claim(
        text.includes(run) && (text1 === '' || text.includes(text1.slice(0, 5)) || /[\x80-\xff]/.test(text)),
        'a run is in the answer',
      );
    claim(all?.length !== 0 || /\bend\b|list/.test(text), 'no runs are only where the host says so');
  },
};

const LOOK = `${mark} who\nuid=0(root) gid=0(root)\n${mark} system\nLinux h 5\n${mark} lacking\ncksum\n${mark} state folder rwx\n-rw------- 1 0 0\n${mark} home\n/root\n${mark} path file rw\n-rw-r--r-- 1 1001 4 5\n${mark} space\nFilesystem\n/dev/sda1 100 40 60 40% /\n`;

const looks: Parser = {
  name: 'answers of doctor',
  covers: ['examineFrom'],
  samples: [LOOK],
  words: [mark, 'uid=', '(', ')', '%', ' 1 2 3 ', 'folder', 'rwx'],
  bytes: true,
  read: text => examineFrom({ paths: ['/a', '/b'], folders: ['/c'] }, framesOf(text), ''),
  refuses: isFault,
};

const plain: Parser = {
  name: 'plain words',
  covers: ['fromPlainWord', 'plainWord'],
  samples: ['ops%40h', 'a b/c', 'é%'],
  words: ['%', '%2f', '%zz', '%C3'],
  read: text => [fromPlainWord(text), fromPlainWord(plainWord(text))],
  holds: (text, result) =>
    claim((result as readonly string[])[1] === Buffer.from(text).toString(), 'a text comes back from its word'),
};

/** What the SSH client reads: files of this machine, and answers of our own scripts. */
export const ssh: readonly Parser[] = [
  ...[knownHosts, sshConfig, certificates, principals, keys, jumps, lines, fileAnswers, commandAnswers, locks],
  ...[records, runs, looks, plain],
];
