import type { DesiredCs7Host } from '../../core/desired.ts';
import type { HostReader } from '../../ports/host.ts';
import { davadmin } from '../../products/cs7.ts';
import { unexpected } from './service.ts';

/**
 * The value of an option; one that is not set has an empty one. The one documented form of an answer is `name: value`; other
 * lines around it are let pass, a second such line is not. Throws TargetProblem.
 */
export async function readOption(host: DesiredCs7Host, reader: HostReader, name: string): Promise<string> {
  const result = await reader.query(davadmin(host, 'config', '-o', name));
  const prefix = `${name.toLowerCase()}:`;
  const lines =
    result.state === 'ran' ? result.output.split(/\r?\n/).filter(line => line.toLowerCase().startsWith(prefix)) : [];
  const [line] = lines;
  if (result.state === 'absent' || result.code !== 0 || line === undefined || lines.length > 1) {
    throw unexpected(host.name, `davadmin config -o ${name}`, result);
  }
  return line.slice(prefix.length).trim();
}
