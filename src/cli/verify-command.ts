import type { TrustRequest } from '../app/trusted-connections.ts';
import { verifyEstate } from '../app/verify-estate.ts';
import { closedBy, lookResult } from '../app/watch-estate.ts';
import { verifyWatch } from '../watch/verify-watch.ts';
import { writeContext } from './contexts.ts';
import type { Environment } from './environment.ts';
import { givenWatchOptions, type WatchOptions } from './notify-options.ts';
import { type CommonOptions, printFailure, printReport, reportingOn } from './output.ts';
import { keepingConnections, watchCommand, withoutStatus } from './told-commands.ts';

/** The options of `verify`. */
export interface VerifyOptions extends CommonOptions, TrustRequest, WatchOptions {
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
  const request = { ...options, files };
  if (givenWatchOptions(options).length > 0)
    return keepingConnections(environment, options, kept => watchVerify(files, options, kept));
  const context = writeContext(withoutStatus(environment, options), options);
  const report = await verifyEstate(request, context);
  return 'failed' in report ? printFailure(report, options, environment) : printReport(report, options, environment);
}

function watchVerify(files: readonly string[], options: VerifyOptions, environment: Environment): Promise<number> {
  const context = writeContext(withoutStatus(environment, options), options);
  const look = async (signal: AbortSignal) => {
    const connections = { ...context.connections, toMail: closedBy(signal, context.connections.toMail) };
    return lookResult(await verifyEstate({ ...options, files }, { ...context, connections }));
  };
  return watchCommand(verifyWatch, look, options, environment);
}
