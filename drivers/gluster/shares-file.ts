// Reads a shares file in Cinder's format. Pure: text in, shares and complaints out; a bad line never hides the good ones.
//   - one share per line, `address:/volume`; everything after the FIRST space is kept verbatim as mount arguments
//   - blank lines are skipped; a comment has `#` as its very first character; `\040` in the address is a space
//   - a line whose address does not fit is reported and ignored
// Source: Cinder's remotefs driver, _load_shares_config.
import { type ShareName, tryParseShareText } from './share-text.js';

export interface ConfiguredShare {
  readonly name: ShareName;
  /** Verbatim, e.g. `-o backup-volfile-servers=10.0.0.2`; null when none. */
  readonly mountArguments: string | null;
  /** Servers that the pool itself names; they are asked for the volume's description when the others do not answer. */
  readonly foundServers?: readonly string[];
}

export interface SharesFile {
  readonly shares: readonly ConfiguredShare[];
  readonly complaints: readonly { readonly line: number; readonly text: string }[];
}

export function parseSharesFile(text: string): SharesFile {
  const shares = new Map<string, ConfiguredShare>();
  const complaints: { line: number; text: string }[] = [];
  for (const [index, raw] of text.split('\n').entries()) {
    const line = raw.replace(/\r$/, '');
    if (line.trim() === '' || line.startsWith('#')) continue;
    const space = line.indexOf(' ');
    const address = (space === -1 ? line : line.slice(0, space)).replaceAll('\\040', ' ').trim();
    const rest = space === -1 ? '' : line.slice(space + 1).trim();
    const name = tryParseShareText(address);
    if (name === null) complaints.push({ line: index + 1, text: `"${address}" is not of the form address:/volume` });
    else if (shares.has(address))
      complaints.push({ line: index + 1, text: `"${address}" is listed twice; the first line counts` });
    else shares.set(address, { name, mountArguments: rest === '' ? null : rest });
  }
  return { shares: [...shares.values()], complaints };
}

/** Mount arguments as words. Quotes are not special, as in Cinder. */
export function mountArgumentWords(mountArguments: string | null): readonly string[] {
  return (mountArguments ?? '').split(/\s+/).filter((word) => word !== '');
}
