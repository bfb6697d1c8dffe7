import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { LAB_FOLDER, onHost } from './host-tree.ts';

/**
 * What can be made to go wrong on a host. A fault is on while its file exists in /var/opt/lab; with the content `once` it is
 * used up by the first command that meets it.
 *
 * | fault | effect |
 * |---|---|
 * | start-cal.fail | start-cal prints an error, starts nothing, exit 255 |
 * | start-cal.silent | start-cal claims success, exit 0, and nothing runs |
 * | start-cal.slow | the server needs as many milliseconds as the file says (default 3000) before it is up |
 * | start-cal.dies | the server dies without a trace as many milliseconds after its start as the file says (default 200) |
 * | stop-cal.fail | stop-cal exit 255, the server runs on |
 * | stop-cal.ignore | stop-cal claims success, exit 0, the server runs on |
 * | cscal.fail | every cscal command ends with 255 and a line in admin.log only |
 * | cscal.noise | cscal list has lines of no known form between the others |
 * | cscal.cut | cscal list breaks off half way, exit 255 |
 * | cscal.ignore-delete | cscal delete claims success, exit 0, and deletes nothing |
 * | davadmin.fail | davadmin cannot connect although the container runs, exit 1 |
 * | davadmin.noise | davadmin config prints a stack trace in place of values, exit 0 |
 * | davadmin.ignore-modify | davadmin config modify claims success, exit 0, and changes nothing |
 * | asadmin.start-fail | asadmin start-domain starts nothing, exit 1 |
 * | asadmin.stop-fail | asadmin stop-domain stops nothing, exit 1 |
 */
export type Fault =
  | 'start-cal.fail'
  | 'start-cal.silent'
  | 'start-cal.slow'
  | 'start-cal.dies'
  | 'stop-cal.fail'
  | 'stop-cal.ignore'
  | 'cscal.fail'
  | 'cscal.noise'
  | 'cscal.cut'
  | 'cscal.ignore-delete'
  | 'davadmin.fail'
  | 'davadmin.noise'
  | 'davadmin.ignore-modify'
  | 'asadmin.start-fail'
  | 'asadmin.stop-fail';

/** Turns a fault on; `tree` is the host's tree. */
export function setFault(tree: string, fault: Fault, content = ''): void {
  const path = faultPath(tree, fault);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
}

/** Turns a fault off. */
export function clearFault(tree: string, fault: Fault): void {
  rmSync(faultPath(tree, fault), { force: true });
}

/** Asked by a stand-in: the content of the fault's file when the fault is on. */
function meetFault(prefix: string, fault: Fault): string | undefined {
  const path = faultPath(prefix, fault);
  try {
    const content = readFileSync(path, 'utf8').trim();
    if (content === 'once') rmSync(path, { force: true });
    return content;
  } catch {
    return undefined;
  }
}

/** Asked by a stand-in: whether the fault is on. */
export function hasFault(prefix: string, fault: Fault): boolean {
  return meetFault(prefix, fault) !== undefined;
}

/** Asked by a stand-in: the milliseconds in the fault's file. */
export function faultDelay(prefix: string, fault: Fault, usual: number): number | undefined {
  const content = meetFault(prefix, fault);
  if (content === undefined) return undefined;
  const milliseconds = Number(content);
  return content !== '' && Number.isFinite(milliseconds) ? milliseconds : usual;
}

function faultPath(root: string, fault: Fault): string {
  return onHost(root, `${LAB_FOLDER}/${fault}`);
}
