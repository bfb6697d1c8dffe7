import type { Findings } from './finding-entry.ts';

/** Locks and watchdogs on a host. */
export const hostLocks = {
  'host.state-folder': {
    severity: 'error',
    summary: 'The folder for locks and watchdogs on the host cannot be used',
    means:
      'The folder `~/.reconcile` of the login on the host is a symbolic link, is no folder, belongs to another user, can be written by others, or cannot be made or written; or others could replace it, because the home folder is not that of the login.',
    why: 'The folder has the lock of the host and the watchdogs. Another user who could write there could hand out the lock, or have files put back.',
    remedy:
      'Look at it on the host as the same user. Remove it when no run is under way, or make room on the disk; it is made again with the right permissions.',
  },
  'host.lock-lost': {
    severity: 'error',
    summary: 'The lock of the host is no longer held by this run',
    means: 'The lock of a host that this run held is no longer its own.',
    why: 'It was taken away with `reconcile lock break`, the run was silent for so long that another one took it for dead, or its own watchdog has put the host back. Two runs at a time would undo each other’s work, so this one stops. On a host the check and the write are one step: nothing was written after the lock was gone. The directory has no such step: what this run wrote there ended within 5 seconds, after the requests that were under way.',
    remedy: 'See who is at work on the host now and wait for them, then run again: it goes on where this run stopped.',
  },
  'host.still-at-work': {
    severity: 'error',
    summary: 'A command of this run or its watchdog is still at work on the host',
    means: 'A command that this run has started, or its watchdog, is still at work on the host.',
    why: 'The answer to that command was lost or came too late, and what it will do is not known. Nothing else is written at the same time.',
    remedy:
      'Look on the host at what still runs. Wait for it or end it there, then run again. `reconcile lock break HOST` says which process that is.',
  },
  'host.watchdog-running': {
    severity: 'error',
    summary: 'A watchdog of an earlier run is still waiting on the host',
    means:
      'On the host a watchdog of an earlier run still waits for the word that all is well, and that run did not give it.',
    why: 'When its time is over it puts back what that run wrote. Changing the same files under it would mix the work of two runs.',
    remedy:
      'Wait until it has acted, then plan again. When the host is well as it is, end the watchdog with the command that the message shows.',
  },
  'host.watchdog-not-started': {
    severity: 'error',
    summary: 'The watchdog could not be started on the host',
    means: 'The process that brings a host back when a run ends badly could not be started there.',
    why: 'Without it a host that stops answering in the middle of a change would stay as it is.',
    remedy: 'Remove the cause that the message names: a backup that is missing or cannot be read, or a full disk.',
  },
  'host.watchdog-acted': {
    severity: 'error',
    summary: 'The watchdog has put the host back',
    means: 'The run did not say in time that the host is well, and the watchdog there put the files back.',
    why: 'Each file was put back only where it still was what the run had written. The message lists what was done, line by line; the same stands on the host in `~/.reconcile`, in `watchdog-NAME.done` below the name of the host, with the output of the commands beside it.',
    remedy: 'Find out why the host took so long, then plan again: the differences are the same as before.',
  },
} satisfies Findings<'host'>;

/** Reaching a host over SSH. */
export const hostConnection = {
  'host.unreachable': {
    severity: 'error',
    summary: 'The host cannot be reached',
    means: 'No SSH connection to the host, or through a jump host to it, could be made.',
    why: 'A host that cannot be read is never taken for one that is in order. As long as one is missing, nothing that depends on it is written.',
    remedy:
      'Check that the host is up and sshd runs, then its address and port in the file, name service and firewall. For a jump host check that it allows forwarding.',
  },
  'host.no-answer': {
    severity: 'error',
    summary: 'The host did not answer in time',
    means:
      'The host took the connection and then did not answer in time: at the login, at the start of a command, or while a command ran.',
    why: 'An overloaded or frozen host gives no reading that can be relied on. After a write it is not known whether it took effect.',
    remedy:
      'Look at the load of the host and for a command that hangs, then run again. Running again finishes what was begun.',
  },
  'host.connection-lost': {
    severity: 'error',
    summary: 'The connection to the host was lost',
    means: 'The connection to the host ended while it was in use.',
    why: 'What was read so far is not whole and is not used. A file is replaced in one move, so it is either the one before or the one after.',
    remedy: 'Run again when the host is back, and look at what is left to do.',
  },
  'host.closed': {
    severity: 'error',
    summary: 'The connection to the host was already closed',
    means: 'Something was asked of a host after its connection had been closed by this program.',
    why: 'This happens when a run is being ended, for instance because it was interrupted.',
    remedy: 'Run again. If it shows without an interruption, please report it.',
  },
  'host.key-unknown': {
    severity: 'error',
    summary: 'The host key is not in the known_hosts file',
    means: 'The host shows a key that the known_hosts file does not have.',
    why: 'Without a known key the host cannot be distinguished from an impostor, and reconcile logs in with rights to change it.',
    remedy:
      'Compare the fingerprint with the one on the host itself, then add the line that the message prints to the file of `ssh.knownHosts`.',
  },
  'host.key-mismatch': {
    severity: 'error',
    summary: 'The host key is not the one in the known_hosts file',
    means: 'The host shows another key than the known_hosts file has for it.',
    why: 'Either the host was reinstalled, or another machine intercepts the connection.',
    remedy: 'Find out which. Replace the line only after comparing the fingerprint on the console of the host.',
  },
  'host.key-revoked': {
    severity: 'error',
    summary: 'The host key is revoked in the known_hosts file',
    means: 'The known_hosts file revokes the key that the host shows.',
    why: 'The key was declared stolen or retired; its holder could pose as the host.',
    remedy: 'Give the host a new key and add it to the known_hosts file.',
  },
  'host.known-hosts-unreadable': {
    severity: 'error',
    summary: 'The known_hosts file cannot be read',
    means: 'The file of `ssh.knownHosts` cannot be read.',
    why: 'Without it no host can be distinguished from an impostor, so there is no login to any.',
    remedy:
      'Check the path, which is relative to the estate file. `ssh-keyscan` prints lines for a new one; compare fingerprints before you trust them.',
  },
  'host.no-common-algorithm': {
    severity: 'error',
    summary: 'The host offers only algorithms that are switched off here',
    means: 'The host offers only ciphers or key exchanges that are switched off here.',
    why: 'SunSSH and OpenSSH before version 7 know only algorithms that count as weak today.',
    remedy:
      'Set `ssh.legacyAlgorithms: true` if the hosts cannot be updated and the network between is trusted. If it is set already, the host needs ones that no longer exist.',
  },
  'host.login-refused': {
    severity: 'error',
    summary: 'The host refused the login',
    means: 'The host did not accept the key.',
    why: 'Without a login the host can be neither read nor changed.',
    remedy:
      'Put the public key into authorized_keys of that user on the host, and check that its type is allowed there; SunSSH knows RSA and DSA only. Where an agent is used, check that it runs and holds the key.',
  },
  'host.identity-unusable': {
    severity: 'error',
    summary: 'The private key cannot be used',
    means:
      'There is no private key to log in with: none is named and no agent runs, or the one that is named cannot be read, is encrypted, or is a public key.',
    why: 'Hosts are logged in to with a key only, never with a password.',
    remedy: 'Name the private key in `ssh.identity`, its passphrase in `ssh.passphrase`, or start an SSH agent.',
  },
  'host.privilege-unsupported': {
    severity: 'error',
    summary: 'The login is to become another user',
    means: '`ssh.privilege` says that the login becomes another user. This version logs in directly only.',
    why: 'Without that user the configuration could not be read, or not be written.',
    remedy: 'Log in as that user: set `ssh.user` to it and `ssh.privilege: none`.',
  },
  'host.jump-invalid': {
    severity: 'error',
    summary: 'A jump host is not of the form user@host:port',
    means: 'An entry of `ssh.jump` is not of the form `[user@]host[:port]`, or its port is out of range.',
    why: 'The way to the hosts leads over it.',
    remedy: 'Write it as `host`, `user@host` or `user@host:port`.',
  },
  'host.session-refused': {
    severity: 'error',
    summary: 'The host refused to start a command',
    means: 'The login succeeded, and the host refused to start a command.',
    why: 'Everything is read and written by commands of the host.',
    remedy:
      'Look for a forced command of that key, a login shell that refuses logins, or a low MaxSessions in sshd_config.',
  },
} satisfies Findings<'host'>;
