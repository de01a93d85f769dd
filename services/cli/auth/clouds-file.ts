// Reads one entry of clouds.yaml (with secure.yaml beside it and clouds-public.yaml left out: no vendor profiles here) and turns it
// into the same flat setting names that options and environment have. The YAML library is loaded only when a cloud is named.
// Search order as openstacksdk has it: OS_CLIENT_CONFIG_FILE, ./clouds.yaml, ~/.config/openstack, /etc/openstack.
import { readFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { CliError } from '../cli-error.js';
import type { SettingValues } from './auth-settings.js';

type Node = Readonly<Record<string, unknown>>;

/** Where clouds.yaml may be, in order. */
export function cloudsFileCandidates(env: NodeJS.ProcessEnv, cwd: string): readonly string[] {
  const chosen = env['OS_CLIENT_CONFIG_FILE'];
  const config = env['XDG_CONFIG_HOME'] ?? path.join(env['HOME'] ?? os.homedir(), '.config');
  const folders = [cwd, path.join(config, 'openstack'), '/etc/openstack'];
  const found = folders.flatMap((folder) => [path.join(folder, 'clouds.yaml'), path.join(folder, 'clouds.yml')]);
  return chosen === undefined || chosen === '' ? found : [chosen, ...found];
}

/** The settings of the named cloud. Errors: CliError when no file or no such entry exists; lists the names that do. */
export async function readCloud(name: string, env: NodeJS.ProcessEnv, cwd = process.cwd()): Promise<SettingValues> {
  const candidates = cloudsFileCandidates(env, cwd);
  for (const file of candidates) {
    const text = await tryRead(file);
    if (text === null) continue;
    const clouds = asNode(asNode(await parseYaml(text, file))['clouds']);
    const cloud = clouds[name];
    if (cloud === undefined) {
      throw new CliError(
        `${file} has no cloud '${name}'.`,
        `It has: ${Object.keys(clouds).join(', ') || 'none'}. Choose one with OS_CLOUD or --os-cloud.`,
      );
    }
    const secureFile = file.replace(/clouds(\.ya?ml)$/, 'secure$1');
    const secureText = secureFile === file ? null : await tryRead(secureFile);
    const secure =
      secureText === null ? {} : asNode(asNode(asNode(await parseYaml(secureText, secureFile))['clouds'])[name]);
    return flattenCloud(mergeNodes(asNode(cloud), asNode(secure)));
  }
  throw new CliError(`No clouds.yaml was found for the cloud '${name}'.`, `Looked at: ${candidates.join(', ')}`);
}

/** `auth.*` and the keys beside it, as flat setting names. */
export function flattenCloud(cloud: Node): SettingValues {
  const values = new Map<string, string>();
  const take = (node: Node): void => {
    for (const [key, value] of Object.entries(node)) {
      if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') {
        values.set(key.replaceAll('_', '-'), String(value));
      }
    }
  };
  take(cloud);
  take(asNode(cloud['auth']));
  for (const [old, now] of [
    ['user-name', 'username'],
    ['project', 'project-name'],
    ['tenant-name', 'project-name'],
    ['tenant-id', 'project-id'],
    ['endpoint-type', 'interface'],
  ] as const) {
    const value = values.get(old);
    if (value !== undefined && !values.has(now)) values.set(now, value);
  }
  // `volume_api_version: 3` often stands beside these and says only which API is meant.
  for (const [chosen, now] of [
    ['volume-default-microversion', 'volume-api-version'],
    ['block-storage-default-microversion', 'volume-api-version'],
    ['compute-default-microversion', 'compute-api-version'],
  ] as const) {
    const value = values.get(chosen);
    if (value !== undefined) values.set(now, value);
  }
  return values;
}

function mergeNodes(base: Node, over: Node): Node {
  const merged: Record<string, unknown> = { ...base };
  for (const [key, value] of Object.entries(over)) {
    const below = merged[key];
    merged[key] = isNode(below) && isNode(value) ? mergeNodes(below, value) : value;
  }
  return merged;
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function asNode(value: unknown): Node {
  return isNode(value) ? value : {};
}

async function parseYaml(text: string, file: string): Promise<unknown> {
  const { parse } = await import('yaml');
  try {
    return parse(text);
  } catch (cause) {
    throw new CliError(`${file} is not valid YAML.`, cause instanceof Error ? cause.message : '', { cause });
  }
}

async function tryRead(file: string): Promise<string | null> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'ENOENT' || code === 'ENOTDIR') return null;
    throw new CliError(`${file} cannot be read.`, String(code), { cause: error });
  }
}
