import type { Command } from 'commander';
import type { TrustRequest } from '../app/trusted-connections.ts';
import { verifyEstate } from '../app/verify-estate.ts';
import { writeContext } from './contexts.ts';
import type { Environment } from './environment.ts';
import { addReportOptions, addTrustOption } from './options.ts';
import { type CommonOptions, printFailure, printReport, reportingOn } from './output.ts';

/** The options of `verify`. */
export interface VerifyOptions extends CommonOptions, TrustRequest {
  readonly probe?: readonly string[];
  /** Sends one trial message to the address that the file has for it. */
  readonly mail?: boolean;
}

const verifyHelp = `
  Of a verification: 0 everything works, 2 something fails, 4 something could not be asked or judged.

For a server with https and an authority of your own, NODE_EXTRA_CA_CERTS names the PEM file with its certificate.`;

/** Gives a command the options of `verify` besides the common ones. */
export function addVerifyOptions(command: Command): Command {
  return addTrustOption(addReportOptions(command))
    .option(
      '--probe <mail>',
      'ask about this account, on the side the directory has it on; may be given several times',
      (mail: string, before: readonly string[] = []) => [...before, mail],
    )
    .option('--mail', 'send one trial message to verify.mail.to as well; nothing is ever sent to anybody else')
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
