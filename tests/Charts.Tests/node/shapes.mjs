// Reads rendered manifests (a JSON array on standard input) and holds them against the shapes of Kubernetes' API: values and required
// fields by the schemas of its OpenAPI document, unknown fields by its types. Prints a line for each fault; exit code 1 if there are any.
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import ts from "typescript";

const manifests = JSON.parse(readFileSync(0, "utf8"));
const faults = [];
const source = [];

for (const [index, manifest] of manifests.entries()) {
  const at = `${manifest.kind}/${manifest.metadata?.name}`;
  const module = `kubernetes-models/${manifest.apiVersion}`;
  const model = (await import(module).catch(() => ({})))[manifest.kind];
  if (!model) {
    faults.push(`${at}: there is no ${manifest.kind} in ${manifest.apiVersion}`);
    continue;
  }

  try {
    new model(manifest).validate();
  } catch (error) {
    faults.push(`${at}: ${error.message}`);
  }

  // The compiler refuses a field that the type of a literal does not have.
  source.push(`import type { I${manifest.kind} as Kind${index} } from ${JSON.stringify(module)};`);
  source.push(`export const m${index}: Kind${index} = ${JSON.stringify(manifest)};`);
}

const name = fileURLToPath(new URL("./manifests.ts", import.meta.url));
const options = { strict: true, noEmit: true, skipLibCheck: true, types: [], target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.Node16, moduleResolution: ts.ModuleResolutionKind.Node16 };
const host = ts.createCompilerHost(options);
const read = host.getSourceFile.bind(host);
const exists = host.fileExists.bind(host);
host.getSourceFile = (file, language) => (file === name ? ts.createSourceFile(file, source.join("\n"), language) : read(file, language));
host.fileExists = (file) => file === name || exists(file);
const program = ts.createProgram([name], options, host);
for (const fault of ts.getPreEmitDiagnostics(program)) {
  faults.push(ts.flattenDiagnosticMessageText(fault.messageText, " "));
}

console.log(faults.length ? faults.join("\n") : `${manifests.length} manifests are in shape`);
process.exitCode = faults.length ? 1 : 0;
