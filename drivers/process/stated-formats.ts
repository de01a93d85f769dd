// The last guard before an image tool starts: every image that it is given has its format stated, and every verb is one that is known
// here. A tool that finds out a format by itself believes what a guest wrote (CVE-2014-3641, CVE-2015-1850, CVE-2026-24708). Pure.
// Stated means: `json:` with a driver for every node and what is below every qcow2 node; or a plain path and the verb's format options.
import path from 'node:path';
import type { Argv } from './command-runner.js';

interface VerbRule {
  /** Options with a value, which are no images. */
  readonly valued: readonly string[];
  /** How many images there are at least and at most, and the option that states the format of each that is a plain path. */
  readonly images: readonly string[];
}

/** qemu-img's verbs; others are refused. Source: qemu-img(1). */
const verbs: Readonly<Record<string, VerbRule>> = {
  convert: { valued: ['-O', '-B', '-F', '-f', '-t', '-T', '-m', '-r', '-S', '-o'], images: ['-f', '-O'] },
  compare: { valued: ['-f', '-F', '-T'], images: ['-f', '-F'] },
  commit: { valued: ['-f', '-t', '-b', '-r'], images: ['-f'] },
  rebase: { valued: ['-f', '-t', '-T', '-b', '-F'], images: ['-f'] },
  resize: { valued: ['-f'], images: ['-f'] },
  amend: { valued: ['-f', '-o', '-t'], images: ['-f'] },
  check: { valued: ['-f', '-T', '--output'], images: ['-f'] },
  map: { valued: ['-f', '--output', '-s', '-l'], images: ['-f'] },
  info: { valued: ['-f', '--output'], images: ['-f'] },
};

/** Its commands come by stdin, from us. */
const qemuIo: VerbRule = { valued: ['-f', '-t'], images: ['-f'] };
/** Serves one image to one client at a UNIX socket. */
const qemuNbd: VerbRule = { valued: ['-f', '-k', '-e'], images: ['-f'] };

const knownFormats = ['raw', 'qcow2'];
/** Only read in order to convert them, or made of a volume's data; nothing stands on one. */
const foreignFormats = ['vmdk', 'vdi', 'vpc', 'vhdx'];
/** A secret is named and read from a descriptor: anything else could hold it, and arguments are for everybody to see. */
const acceptedObject = /^secret,id=key-[0-9a-f-]{36},file=\/dev\/fd\/\d+$/;
const imageTools = ['qemu-img', 'qemu-io', 'qemu-storage-daemon', 'qemu-nbd'];

/** Why an argument vector leaves a format to be found out; null when it does not, or starts no image tool. */
export function findUnstatedFormat(argv: Argv): string | null {
  const program = path.basename(argv[0]);
  if (!imageTools.includes(program)) return null;
  if (program === 'qemu-storage-daemon') return findUnstatedBlockdev(argv);
  if (program === 'qemu-io') return findUnstatedImage(program, qemuIo, argv.slice(1));
  if (program === 'qemu-nbd') return findUnstatedImage(program, qemuNbd, argv.slice(1));
  if (program !== 'qemu-img') return `${program} is not used here`;
  const verb = argv[1] ?? '';
  const rule = Object.hasOwn(verbs, verb) ? verbs[verb] : undefined;
  if (rule === undefined) return `the verb ${verb} is not used here`;
  return findUnstatedImage(verb, rule, argv.slice(2));
}

function findUnstatedImage(verb: string, rule: VerbRule, words: readonly string[]): string | null {
  const options = new Map<string, string>();
  const images: string[] = [];
  for (let at = 0; at < words.length; at++) {
    const word = words[at] ?? '';
    if (word === '--object') {
      if (!acceptedObject.test(words[++at] ?? '')) return `${verb}: an object that is no named secret`;
    } else if (rule.valued.includes(word)) options.set(word, words[++at] ?? '');
    else if (!word.startsWith('-')) images.push(word);
  }
  // resize has the new size as its last word.
  const named = verb === 'resize' ? images.slice(0, -1) : images;
  if (named.length !== rule.images.length) return `${verb} with ${named.length} images`;
  for (const [index, image] of named.entries()) {
    const option = rule.images[index] ?? '';
    // A whole image alone, as source or as what is made; never below anything.
    const formats = verb === 'convert' || verb === 'info' ? [...knownFormats, ...foreignFormats] : knownFormats;
    const fault = image.startsWith('json:')
      ? findUnstatedNode(image, formats)
      : findUnstatedPath(image, options.get(option), formats);
    if (fault !== null) return `${verb}: ${fault}`;
  }
  const below = options.get('-b') ?? options.get('-B');
  if (verb === 'rebase' && below === undefined) return 'rebase without saying onto what';
  if (below !== undefined && below !== '' && !knownFormats.includes(options.get('-F') ?? '')) {
    return `${verb}: the backing file has no format`;
  }
  return null;
}

function findUnstatedPath(image: string, format: string | undefined, formats: readonly string[]): string | null {
  if (!image.startsWith('/')) return 'an image is no absolute path: it could be a protocol';
  return formats.includes(format ?? '') ? null : 'a path without its format';
}

function findUnstatedNode(image: string, formats: readonly string[]): string | null {
  try {
    return findIncomplete(JSON.parse(image.slice('json:'.length)), formats);
  } catch {
    return 'the json: name cannot be read';
  }
}

function findIncomplete(node: unknown, formats: readonly string[]): string | null {
  if (typeof node !== 'object' || node === null) return 'a node is named and not described';
  const { driver, file, backing } = node as { driver?: unknown; file?: unknown; backing?: unknown };
  if (typeof driver !== 'string' || !formats.includes(driver)) return 'a node without one of our formats';
  const { driver: protocol, filename } = (file ?? {}) as { driver?: unknown; filename?: unknown };
  if (protocol !== 'file' || typeof filename !== 'string' || !filename.startsWith('/')) return 'a node that is no file';
  if (driver === 'raw') return null;
  if (backing === undefined) return 'a qcow2 node whose backing file its header would choose';
  if (foreignFormats.includes(driver)) return backing === null ? null : 'a foreign image that stands on something';
  return backing === null ? null : findIncomplete(backing, knownFormats);
}

/** Every block device of the daemon is JSON with a driver; a qcow2 node says what is below it. */
function findUnstatedBlockdev(argv: Argv): string | null {
  for (const [index, word] of argv.entries()) {
    if (word.startsWith('--blockdev=') || (word === '--blockdev' && !(argv[index + 1] ?? '').startsWith('{'))) {
      return 'a block device that is no JSON';
    }
    if (word !== '--blockdev') continue;
    const node = JSON.parse(argv[index + 1] ?? '{}') as { driver?: unknown; backing?: unknown };
    if (typeof node.driver !== 'string') return 'a block device without a driver';
    if (node.driver === 'qcow2' && node.backing === undefined) return 'a qcow2 block device that follows its header';
  }
  return null;
}
