import type { TrustRequest } from '../app/trusted-connections.ts';
import { verifyEstate } from '../app/verify-estate.ts';
import { writeContext } from './contexts.ts';
import type { Environment } from './environment.ts';
import { type CommonOptions, printFailure, printReport, reportingOn } from './output.ts';

/** The options of `verify`. */
export interface VerifyOptions extends CommonOptions, TrustRequest {
  readonly probe?: readonly string[];
  /** Sends one trial message to the address that the file has for it. */
  readonly mail?: boolean;
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
