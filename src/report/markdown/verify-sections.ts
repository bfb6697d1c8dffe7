import type { VerifyReport } from '../../core/verification.ts';
import { codeCell } from './escape.ts';
import type { Section } from './fit.ts';
import { table } from './sections.ts';

/** Who was asked about whom, and what came; then what invitations by mail depend on. */
export function verifyTables({ cells, mail }: VerifyReport): readonly Section[] {
  return [
    table(
      ['from → to', 'host', 'way', 'account', 'state', 'detail'],
      cells.map(({ from, to, host, way, account, state, detail }) => [
        `${from} → ${to}`,
        codeCell(host),
        way,
        codeCell(account),
        state === 'works' ? state : `**${state}**`,
        codeCell(detail),
      ]),
      'words',
    ),
    ...(mail.length === 0
      ? []
      : [
          table(
            ['mail', 'host', 'state', 'detail'],
            mail.map(({ host, what, state, detail }) => [
              codeCell(what),
              codeCell(host),
              state === 'works' ? state : `**${state}**`,
              codeCell(detail),
            ]),
            'words',
          ),
        ]),
  ];
}
