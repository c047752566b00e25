/** How many lines of a source are code: not empty, and not only a comment. */
export function codeLines(source: string): number {
  const withoutComments = source.replaceAll(/\/\*.*?\*\//gs, '').replaceAll(/^\s*\/\/.*$/gm, '');
  return withoutComments.split('\n').filter((line) => line.trim() !== '').length;
}
