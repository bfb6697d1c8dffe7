import { describe, expect, it } from 'vitest';
import { type CheckedSignature, signatureRefusals, signCommand, signersOf } from '../../src/plan/signatures.ts';

function good(file: string, key: string, ...principals: readonly string[]): CheckedSignature {
  return { file, answer: { state: 'good', key, principals } };
}
const anna = good('a.sig', 'K1', 'anna');
const ben = good('b.sig', 'K2', 'ben');
const demand = { required: 2, signers: 'allowed_signers' };

describe('signers', () => {
  it.each([
    ['two people', [anna, ben], ['anna', 'ben']],
    ['one signature twice', [anna, good('c.sig', 'K1', 'anna')], ['anna']],
    ['two keys of one person', [anna, good('c.sig', 'K3', 'anna')], ['anna']],
    ['one key under two names', [anna, good('c.sig', 'K1', 'carla')], ['anna']],
    [
      'one key with two names, and the second with a key of its own',
      [good('a.sig', 'K1', 'anna', 'ben'), ben],
      ['anna'],
    ],
    ['a bad one', [{ file: 'x.sig', answer: { state: 'bad', reason: '' } } as const, ben], ['ben']],
  ])('%s', (_, signatures, names) => {
    expect(signersOf(signatures).map(({ name }) => name)).toEqual(names);
  });
});

describe('a plan', () => {
  const codes = (...signatures: readonly CheckedSignature[]) =>
    signatureRefusals('plan.json', demand, signatures).map(({ code }) => code);

  it.each([
    ['signed by enough', [anna, ben], []],
    ['signed by nobody', [], ['plan.signatures-missing']],
    ['signed by one', [anna], ['plan.signatures-missing']],
    ['signed by one twice', [anna, good('c.sig', 'K1', 'anna')], ['plan.signatures-missing']],
    [
      'with a bad one besides',
      [anna, ben, { file: 'x.sig', answer: { state: 'bad', reason: 'r' } }],
      ['plan.signature-bad'],
    ],
    [
      'with one that is not checked',
      [anna, ben, { file: 'x.sig', answer: { state: 'unchecked', reason: 'r' } }],
      ['plan.signature-unchecked'],
    ],
  ] as const)('%s', (_, signatures, expected) => {
    expect(codes(...signatures)).toEqual(expected);
  });

  it('says who has signed, and how the others do', () => {
    const [finding] = signatureRefusals('plan.json', demand, [anna]);
    expect(finding?.detail).toContain('1 of 2 signers have signed plan.json: anna (a.sig).');
    expect(finding?.detail).toContain(`\n    ${signCommand('plan.json')}`);
    expect(signCommand('plan.json')).toBe(
      'ssh-keygen -Y sign -n reconcile-plan -f ~/.ssh/id_ed25519 < plan.json.digest > plan.json.$USER.sig',
    );
  });
});
