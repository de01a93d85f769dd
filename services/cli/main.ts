#!/usr/bin/env node
// `saggar`: an OpenStack-like client of the public APIs. This file only starts; everything else is loaded when it is needed, so that
// `saggar --version` costs a bare start of Node.
import { readFileSync } from 'node:fs';

/** The version of the nearest package.json of ours, above the built file or the source alike. */
function readVersion(): string {
  for (let folder = new URL('./', import.meta.url); ; folder = new URL('../', folder)) {
    try {
      const description = JSON.parse(readFileSync(new URL('package.json', folder), 'utf8')) as Record<string, unknown>;
      if (description['name'] === 'saggar') return String(description['version']);
    } catch {
      // Not in this folder.
    }
    if (folder.pathname === '/') return 'unknown';
  }
}

async function main(): Promise<number> {
  const argv = process.argv.slice(2);
  if (argv.length === 1 && argv[0] === '--version') {
    process.stdout.write(`saggar ${readVersion()}\n`);
    return 0;
  }
  const { runCli } = await import('./run-cli.js');
  return runCli(argv, { stdout: process.stdout, stderr: process.stderr, env: process.env });
}

// A reader that went away (`saggar volume list | head -1`) is no failure of ours.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0);
  throw error;
});

process.exitCode = await main();
