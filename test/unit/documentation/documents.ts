// The project's Markdown files, and what a reader could try of them: links, paths, npm scripts and command lines of saggar.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';

const root = path.resolve(import.meta.dirname, '../../..');

export interface Document {
  /** From the root of the project. */
  readonly file: string;
  readonly text: string;
}

/** Generated pages are held against their sources elsewhere. */
export function readDocuments(): readonly Document[] {
  const listed = execFileSync('find', ['.', '-name', 'node_modules', '-prune', '-o', '-name', '*.md', '-print'], {
    cwd: root,
    encoding: 'utf8',
  });
  return listed
    .split('\n')
    .filter((file) => file !== '' && !file.includes('/generated/') && !file.includes('/dist'))
    .map((file) => ({ file: path.normalize(file), text: readFileSync(path.join(root, file), 'utf8') }));
}

const blockPattern = /```(\w*)\n([\s\S]*?)```/g;

/** The text without its blocks of code. */
function prose(text: string): string {
  return text.replace(blockPattern, '');
}

/** What stands in single backticks. */
export function codeWords({ text }: Document): readonly string[] {
  return [...prose(text).matchAll(/`([^`\n]+)`/g)].map(([, word = '']) => word);
}

/** Lines of blocks for a shell, without comments. */
export function shellLines({ text }: Document): readonly string[] {
  return [...text.matchAll(blockPattern)]
    .filter(([, language]) => language === 'sh')
    .flatMap(([, , body = '']) => body.split('\n'))
    .map((line) => line.replace(/(^|\s)#\s.*$/, '').trim())
    .filter((line) => line !== '');
}

export interface Link {
  readonly to: string;
  /** null: the page as a whole. */
  readonly heading: string | null;
}

/** Links to files of the project; `to` from the root of the project. */
export function linksOf({ file, text }: Document): readonly Link[] {
  return [...prose(text).matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, target = '']) => target)
    .filter((target) => !/^[a-z]+:/.test(target))
    .map((target) => {
      const [page = '', heading] = target.split('#');
      const to = page === '' ? file : path.join(path.dirname(file), page);
      return { to, heading: heading ?? null };
    });
}

/** As Git hosts make them of headings. */
export function anchorsOf(text: string): ReadonlySet<string> {
  const headings = [...prose(text).matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) => heading);
  return new Set(
    headings.map((heading) =>
      heading
        .toLowerCase()
        .replace(/[^\p{L}\p{N}\s-]/gu, '')
        .replaceAll(' ', '-'),
    ),
  );
}

export function fromRoot(file: string): string {
  return path.join(root, file);
}
