/**
 * The public API as text: one report per entry point in api/, from the built declarations. A change of the API is then
 * seen in the diff. `npm run api` writes the reports; with `--check` it fails where one is not what it would write.
 */
import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { resolve } from 'node:path';
import { Extractor, ExtractorConfig, type ExtractorLogLevel } from '@microsoft/api-extractor';
import ts from 'typescript';
import { entries } from '../entries.ts';

/** Whether a type in a public signature that users cannot import is an error, and not only a warning. */
const unnamedTypesAreErrors = true;

const isCheck = process.argv.includes('--check');
const folder = resolve('api');
const temporary = resolve('.cache/api');
mkdirSync(folder, { recursive: true });
mkdirSync(temporary, { recursive: true });

const none = 'none' as ExtractorLogLevel;
const declarations = entries.map(({ name, output }) => ({
  report: name.replace('/', '-'),
  file: resolve(output.replace(/\.js$/, '.d.ts')),
}));
const importable = namesIn(declarations.map(({ file }) => file));

const changed: string[] = [];
const unnamed = new Set<string>();
for (const { report, file } of declarations) {
  const { apiReportChanged } = Extractor.invoke(configOf(report, file), {
    localBuild: !isCheck,
    messageCallback(message) {
      message.handled = true;
      if (message.messageId !== 'ae-forgotten-export') return;
      const [, name = message.text] = /"(.+?)"/.exec(message.text) ?? [];
      if (!importable.has(name)) unnamed.add(name);
    },
  });
  if (apiReportChanged) changed.push(`api/${report}.api.md`);
}
const known = declarations.map(({ report }) => `${report}.api.md`);
const left = readdirSync(folder).filter((file) => !known.includes(file));
for (const file of left) {
  changed.push(`api/${file}`);
  if (!isCheck) rmSync(resolve(folder, file));
}

if (changed.length > 0) {
  console.log(
    isCheck
      ? `The public API is not what these reports say: ${changed.join(', ')}. If that is meant, run "npm run build && npm run api" and commit api/.`
      : `Written: ${changed.join(', ')}.`,
  );
  if (isCheck) process.exitCode = 1;
}
if (unnamed.size > 0) {
  const names = [...unnamed].sort().join(', ');
  console.log(
    `Public signatures use types that no entry point exports: ${names}. Export them from the entry that uses them.`,
  );
  if (unnamedTypesAreErrors) process.exitCode = 1;
}

function configOf(report: string, file: string): ExtractorConfig {
  return ExtractorConfig.prepare({
    configObjectFullPath: resolve('api-extractor.json'),
    packageJsonFullPath: resolve('package.json'),
    configObject: {
      projectFolder: resolve('.'),
      mainEntryPointFilePath: file,
      compiler: {
        overrideTsconfig: {
          compilerOptions: {
            target: 'es2022',
            module: 'nodenext',
            moduleResolution: 'nodenext',
            lib: ['es2023', 'dom', 'dom.iterable'],
            types: [],
            strict: true,
            skipLibCheck: true,
          },
          files: [file],
        },
      },
      apiReport: {
        enabled: true,
        reportFileName: `${report}.api.md`,
        reportFolder: folder,
        reportTempFolder: temporary,
      },
      docModel: { enabled: false, apiJsonFilePath: '' },
      dtsRollup: { enabled: false },
      tsdocMetadata: { enabled: false },
      messages: {
        compilerMessageReporting: { default: { logLevel: 'error' as ExtractorLogLevel } },
        extractorMessageReporting: {
          default: { logLevel: none },
          'ae-forgotten-export': { logLevel: 'warning' as ExtractorLogLevel },
        },
        tsdocMessageReporting: { default: { logLevel: none } },
      },
    },
  });
}

/** Every name that a user can import from one of these files. */
function namesIn(paths: string[]): Set<string> {
  const program = ts.createProgram(paths, { module: ts.ModuleKind.NodeNext, skipLibCheck: true, types: [] });
  const checker = program.getTypeChecker();
  const exported = paths.flatMap((path) => {
    const module = checker.getSymbolAtLocation(program.getSourceFile(path)!);
    return module ? checker.getExportsOfModule(module) : [];
  });
  return new Set(exported.map(({ name }) => name));
}
