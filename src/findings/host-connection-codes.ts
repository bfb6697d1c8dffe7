import { nextCommands } from '../core/next-command.ts';
import type { Findings } from './finding-entry.ts';

/** Locks and watchdogs on a host. */
export const hostLocks = {
  'host.state-folder': {
    severity: 'error',
    summary: 'The folder for locks, watchdogs and records on the host cannot be used',
    means:
      'The folder `~/.reconcile` of the login is not safe or not usable. It may be a symbolic link or not a folder, belong to another user, or be writable by others, or it cannot be created or written. If the home folder does not belong to the login, others could replace the folder.',
    why: 'The folder holds the lock of the host, the watchdogs and the records of runs. Another user with write access could hand out the lock, or make a watchdog put files back.',
    remedy:
      'Look at the folder on the host as the same user. Free disk space, or move the folder away when no run is active. It is created again with the right permissions. The records of earlier runs stay in the folder that you moved.',
  },
  'host.lock-lost': {
    severity: 'error',
    summary: 'This run no longer holds the lock of the host',
    means: 'This run has lost the lock of a host that it held.',
    why: 'Someone ran `reconcile lock break`, another run assumed that this silent run was dead, or the watchdog of this run put the host back. Two runs at the same time would undo the work of each other, so this run stops. On a host, the check and the write are one step, so nothing was written after the lock was lost. The directory has no such step: writes there stopped within 5 seconds, after the requests in progress.',
    remedy:
      'Find out who is working on the host and wait for them. Then run the command again: it continues where this run stopped.',
  },
  'host.still-at-work': {
    severity: 'error',
    summary: 'A command of this run, or its watchdog, is still running on the host',
    means: 'A command that this run started, or its watchdog, is still running on the host.',
    why: 'The answer of that command was lost or arrived too late, so its effect is not known. Nothing else is written at the same time.',
    remedy:
      'Look on the host for the process; `reconcile lock break HOST` names it. Wait for it or end it there, then run the command again.',
  },
  'host.watchdog-running': {
    severity: 'error',
    summary: 'A watchdog of an earlier run is still waiting on the host',
    means: 'A watchdog of an earlier run still waits on the host. That run has not confirmed that the host is well.',
    why: 'When its time is over, it puts back the files that the earlier run wrote. Changing the same files now would mix the work of two runs.',
    remedy:
      'Wait until it has acted, then plan again. If the host is well as it is, end the watchdog with the command in the message.',
  },
  'host.watchdog-not-started': {
    severity: 'error',
    summary: 'The watchdog could not be started on the host',
    means: 'The watchdog restores a host after a failed run. It could not be started on the host.',
    why: 'Without it, a host that stops answering during a change would stay as it is.',
    remedy: 'Remove the cause that the message names: a missing or unreadable backup, or a full disk.',
  },
  'host.watchdog-acted': {
    severity: 'error',
    summary: 'The watchdog has put the host back',
    means: 'The run did not confirm in time that the host is well, so the watchdog put the files back.',
    why: 'A file was put back only if it still had the content that the run wrote. The message lists each action. The same list is on the host in `~/.reconcile`, in `watchdog-NAME.done` below the name of the host, next to the output of the commands.',
    remedy: 'Find out why the host took so long, then plan again. The differences are the same as before.',
  },
} satisfies Findings<'host'>;

/** Reaching a host over SSH. */
export const hostConnection = {
  'host.unreachable': {
    severity: 'error',
    summary: 'The host cannot be reached',
    next: nextCommands.doctor,
    means: 'reconcile could not open an SSH connection to the host, directly or through a jump host.',
    why: 'A host that cannot be read never counts as in order. Until it can be read, steps that depend on it are not made.',
    remedy:
      'Check that the host is up and that sshd runs. Then check its address and port in the file, the name service and the firewall. A jump host must allow forwarding.',
  },
  'host.no-answer': {
    severity: 'error',
    summary: 'The host did not answer in time',
    next: nextCommands.doctor,
    means:
      'The host accepted the connection but then did not answer in time: at the login, at the start of a command, or during a command.',
    why: 'The answers of an overloaded or frozen host cannot be trusted. After a write, it is not known whether the write took effect.',
    remedy:
      'Check the load of the host and look for a command that hangs. Then run the command again: it finishes the work.',
  },
  'host.connection-lost': {
    severity: 'error',
    summary: 'The connection to the host was lost',
    next: nextCommands.doctor,
    means: 'The connection to the host ended while it was in use.',
    why: 'An incomplete reading is not used. A file is replaced in one step, so it is either the old or the new one.',
    remedy: 'Run the command again when the host is back, and check what is left to do.',
  },
  'host.closed': {
    severity: 'error',
    summary: 'The connection to the host was already closed',
    means: 'reconcile used the connection to a host after closing it.',
    why: 'This happens when a run ends, for example after an interrupt.',
    remedy: 'Run the command again. If you see this without an interrupt, report it.',
  },
  'host.key-unknown': {
    severity: 'error',
    summary: 'The host key is not in the known_hosts file',
    next: nextCommands.trust,
    means: 'The host presents a key that is not in the known_hosts file.',
    why: 'Without a known key, the host cannot be distinguished from an impostor, and reconcile logs in with the right to change it.',
    remedy: 'Compare the fingerprint with the one on the host itself. Then let `reconcile doctor --trust HOST` add it.',
  },
  'host.key-mismatch': {
    severity: 'error',
    summary: 'The host key is not the one in the known_hosts file',
    next: nextCommands.doctor,
    means: 'The host presents another key than the one in the known_hosts file.',
    why: 'Either the host was reinstalled, or another machine intercepts the connection.',
    remedy: 'Find out which. Replace the line only after you have compared the fingerprint on the console of the host.',
  },
  'host.key-revoked': {
    severity: 'error',
    summary: 'The host key is revoked in the known_hosts file',
    next: nextCommands.doctor,
    means: 'The known_hosts file revokes the key that the host presents.',
    why: 'The key was declared stolen or retired, so its holder could pose as the host.',
    remedy: 'Create a new key on the host and add it to the known_hosts file.',
  },
  'host.known-hosts-unreadable': {
    severity: 'error',
    summary: 'The known_hosts file cannot be read',
    next: nextCommands.doctor,
    means: 'The file of `ssh.knownHosts` cannot be read.',
    why: 'Without it, no host can be distinguished from an impostor, so reconcile logs in to none.',
    remedy:
      'Check the path, which is relative to the estate file. `reconcile doctor --trust HOST` creates a missing file with the key of a host, after you have compared its fingerprint.',
  },
  'host.no-common-algorithm': {
    severity: 'error',
    summary: 'The host offers only algorithms that are disabled',
    next: nextCommands.doctor,
    means: 'The host offers only ciphers or key exchanges that reconcile disables by default.',
    why: 'SunSSH and OpenSSH before version 7 support only algorithms that are weak today.',
    remedy:
      'If you cannot update the hosts and trust the network, set `ssh.legacyAlgorithms: true`. If that is already set, the host needs algorithms that are no longer available.',
  },
  'host.login-refused': {
    severity: 'error',
    summary: 'The host refused the login',
    next: nextCommands.doctor,
    means:
      'The host accepted none of the keys and answers that it was shown, accepted one and wants more, or ended the login after too many attempts. The message lists them in order.',
    why: 'Without a login, reconcile can neither read nor change the host.',
    remedy:
      'Add the public key to authorized_keys of that user on the host, and check that the host allows its type. SunSSH supports only RSA and DSA. If an agent holds many keys, name the right one: `ssh.identity` may be its .pub file. A refused secret is sent once in a run.',
  },
  'host.login-question': {
    severity: 'error',
    summary: 'The host asks a question that nothing answers',
    next: nextCommands.doctor,
    means:
      'During the login the host asks for a password or for something else, such as a code. The file has no answer, the answer was not accepted, or the password has expired.',
    why: 'Without a login, reconcile can neither read nor change the host. A refused answer is not repeated, because many hosts lock an account after a few.',
    remedy:
      'Set `ssh.password` for a prompt that asks for a password, and `ssh.code` for every other prompt, or run the command at a terminal. Change an expired password by hand.',
  },
  'host.identity-unusable': {
    severity: 'error',
    summary: 'The private key cannot be used',
    next: nextCommands.doctor,
    means:
      'reconcile has nothing to log in with. No key is named and no agent holds one, or the named key cannot be used. It cannot be read, it is encrypted, other users can read it, or it is a public key that no agent holds.',
    why: 'Without a key or a password, the host accepts no login. A private key that other users can read may have been copied.',
    remedy:
      'Set `ssh.identity` to the private key and `ssh.passphrase` to its passphrase, or start an SSH agent that holds it. Let only its owner read the key file: `chmod 600`.',
  },
  'host.privilege-refused': {
    severity: 'error',
    summary: 'The login cannot become another user',
    next: nextCommands.doctor,
    means:
      'The login succeeded. The command of `ssh.privilege.by` then did not start a shell as `ssh.privilege.as`: it is not installed, its rules do not allow it, or the account is locked.',
    why: 'Without the rights of that user, the configuration cannot be read or not be written.',
    remedy:
      'The message quotes the host. Allow the login to run `/bin/sh` as that user; docs/connecting.md has the line for sudoers.',
  },
  'host.privilege-wrong-password': {
    severity: 'error',
    summary: 'The password of the privilege is wrong',
    next: nextCommands.doctor,
    means:
      'The command that grants the rights did not accept `ssh.privilege.password`. It was sent once. In this run, it is sent neither to this host again nor to a host that has not accepted it yet.',
    why: 'A few wrong passwords lock an account, and one account may serve all hosts.',
    remedy:
      'Check the source of the secret. sudo and doas want the password of the login, su that of the user it becomes. A host with a password of its own can state it under its `ssh`.',
  },
  'host.privilege-no-password': {
    severity: 'error',
    summary: 'A password is needed to become another user',
    next: nextCommands.doctor,
    means: 'The command that grants the rights asks for a password. The file states none, or one that cannot be sent.',
    why: 'Without the rights of that user, the configuration cannot be read or not be written.',
    remedy: 'State `ssh.privilege.password`, or allow the command without a password (NOPASSWD, nopass).',
  },
  'host.privilege-no-answer': {
    severity: 'error',
    summary: 'Becoming another user took too long',
    next: nextCommands.doctor,
    means: 'The command that grants the rights neither started a shell nor asked with a text that reconcile knows.',
    why: 'A password is sent only as the answer to a question that is known to ask for it.',
    remedy: 'If the message shows a question, state a part of its text as `ssh.privilege.prompt`.',
  },
  'host.privilege-no-effect': {
    severity: 'error',
    summary: 'The commands do not run as the stated user',
    next: nextCommands.doctor,
    means:
      'The command of `ssh.privilege.by` ran, but `id` shows another user than `ssh.privilege.as`. pfexec does so where no rights profile covers `/bin/sh`.',
    why: 'Everything would be done with too few rights, or as the wrong user.',
    remedy:
      'With pfexec, assign a rights profile that runs `/bin/sh` with `uid=0`. Otherwise check `ssh.privilege.as`.',
  },
  'host.ssh-config-unusable': {
    severity: 'error',
    summary: 'The OpenSSH configuration cannot be used',
    next: nextCommands.doctor,
    means:
      'reconcile reads ~/.ssh/config and the file of the system, or the file of `ssh.config`, as OpenSSH does. The file cannot be read, has an error, or needs what reconcile refuses, such as `Match exec`.',
    why: 'The file may name the address, the login, the key or the jump hosts of the host. A guess could lead to another host.',
    remedy:
      'Correct the line in the message. Or state what the host needs in the estate file, and set `ssh: { config: none }` for this host. `reconcile why HOST ssh` shows what counts.',
  },
  'host.jump-invalid': {
    severity: 'error',
    summary: 'A jump host does not have the form user@host:port',
    next: nextCommands.doctor,
    means: 'An entry of `ssh.jump` does not have the form `[user@]host[:port]`, or its port is out of range.',
    why: 'The connection to the hosts goes through it.',
    remedy: 'Write it as `host`, `user@host` or `user@host:port`.',
  },
  'host.session-refused': {
    severity: 'error',
    summary: 'The host refused to start a command',
    next: nextCommands.doctor,
    means: 'The login succeeded, but the host refused to start a command.',
    why: 'reconcile reads and writes everything with commands of the host.',
    remedy:
      'Look for a forced command for that key, a login shell that refuses logins, or a low MaxSessions in sshd_config.',
  },
} satisfies Findings<'host'>;
