import ts from 'typescript';
import type { Documented } from './docs.ts';

/** Whether a property may be left out of the options. What an error carries is no option. */
export function isOption({ declaration }: Documented, owner: ts.InterfaceDeclaration): boolean {
  const ofError = owner.heritageClauses?.some(({ types }) => /Error/.test(types[0]?.getText() ?? ''));
  return !ofError && ts.isPropertySignature(declaration) && declaration.questionToken !== undefined;
}

/** `onToken` and the like: without one, nothing is called. */
export const isListener = ({ name }: Documented): boolean => /\.on[A-Za-z]+$/.test(name);
