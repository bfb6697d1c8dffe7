import type { Command } from 'commander';
import type { TrustRequest } from '../app/trusted-connections.ts';
import { verifyEstate } from '../app/verify-estate.ts';
import { writeContext } from './contexts.ts';
import type { Environment } from './environment.ts';
import { addReportOptions, addTrustOption, repeated } from './options.ts';
import { type CommonOptions, printFailure, printReport, reportingOn } from './output.ts';

/** The options of `verify`. */
export interface VerifyOptions extends CommonOptions, TrustRequest {
  readonly probe?: readonly string[];
  /** Sends one trial message to the address that the file has for it. */
  readonly mail?: boolean;
}

const verifyHelp = `
For verify, 0 means that everything works and 2 that something fails. 4 means
that something could not be tested.

If a server uses https with a certificate of your own authority, set
NODE_EXTRA_CA_CERTS to the PEM file of that authority.`;

/** Gives a command the options of `verify` besides the common ones. */
export function addVerifyOptions(command: Command): Command {
  return addTrustOption(addReportOptions(command))
    .addOption(repeated('--probe <mail>', 'test this account, on the server that the directory has it on'))
    .option('--mail', 'send one trial message as well, to verify.mail.to and to no other address')
    .addHelpText('after', verifyHelp);
}

/** `verify`: asks over HTTP whether users of each side see when those of the other are busy; changes nothing. */
export async function verifyCommand(
  files: readonly string[],
  given: VerifyOptions,
  environment: Environment,
): Promise<number> {
  const options = reportingOn(given, 'verify', files);
  const report = await verifyEstate({ ...options, files }, writeContext(environment, options));
  return 'failed' in report ? printFailure(report, options, environment) : printReport(report, options, environment);
}
