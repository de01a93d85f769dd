// Types one command of the user script into Debian's unchanged clients and compares what comes back with what its row says.
import assert from 'node:assert/strict';
import { waitFor } from '../../harness/wait-for.js';
import type { ClientNursery, Ending } from './client-nursery.js';
import { fieldsOfTable, parseClientTables } from './client-table.js';
import type { ThingWatcher } from './thing-watcher.js';
import type { Cells, TypedCommand, Typist } from './typed-command.js';

const SOON_MS = 20_000;

type Environment = Readonly<Record<string, string>>;

/** Each typist's variables, from those of the administrator. A person's application credential goes without the project's name. */
export function environmentOf(typist: Typist, admin: Environment): Environment {
  if (typist === 'admin') return admin;
  const ann: Record<string, string> = { ...admin, OS_USERNAME: 'ann', OS_PASSWORD: 'pw', OS_PROJECT_NAME: 'crew' };
  if (typist === 'ann') return ann;
  for (const name of ['OS_PASSWORD', 'OS_PROJECT_NAME', 'OS_PROJECT_DOMAIN_NAME']) delete ann[name];
  return {
    ...ann,
    OS_AUTH_TYPE: 'v3applicationcredential',
    OS_APPLICATION_CREDENTIAL_NAME: 'robot',
    OS_APPLICATION_CREDENTIAL_SECRET: 'robots-own-secret',
  };
}

/** One script's typist: knows the people and what earlier commands kept. */
export class CommandTypist {
  constructor(
    private readonly admin: Environment,
    private readonly home: string,
    private readonly nursery: ClientNursery,
    private readonly watcher: ThingWatcher,
    private readonly kept: Map<string, string>,
  ) {}

  /** Throws what differs, with the command and everything that it said. */
  async type(row: TypedCommand): Promise<void> {
    if (row.soon === undefined) return this.typeOnce(row);
    const typed = async (): Promise<true> => {
      await this.typeOnce(row);
      return true;
    };
    await waitFor(row.line, typed, { timeoutMs: SOON_MS, intervalMs: 200 });
  }

  private async typeOnce(row: TypedCommand): Promise<void> {
    const line = row.line.replace(/\{(\w+)\}/g, (_, name: string) => {
      return this.kept.get(name) ?? assert.fail(`${row.line}: no command has told {${name}} yet`);
    });
    const ending = await this.run(line, row.as ?? 'admin');
    const said = `${line}\n${ending.stdout}${ending.stderr}(exit code ${ending.code})`;
    if (row.fails === undefined) {
      assert.equal(ending.code, 0, said);
    } else {
      assert.notEqual(ending.code, 0, `it should have failed: ${said}`);
      assert.match(ending.stderr, row.fails, said);
    }
    this.compare(row, line, ending.stdout, said);
    if (row.until !== undefined) await this.watcher.becomes(...row.until);
  }

  private compare(row: TypedCommand, line: string, stdout: string, said: string): void {
    if (row.text !== undefined) assert.match(stdout, row.text, said);
    const { fields, has, lacks, rows, keeps } = row;
    if ([fields, has, lacks, rows, keeps].every((wish) => wish === undefined)) return;
    const [shown, listed] = read(line, stdout, said);
    if (fields !== undefined) assert.deepEqual(differences(shown, this.filled(fields)), [], said);
    for (const wanted of has === undefined ? [] : ([has].flat() as readonly Cells[])) {
      const found = listed.some((one) => differences(one, this.filled(wanted)).length === 0);
      assert.ok(found, `no row with ${describe(wanted)}: ${said}`);
    }
    if (lacks !== undefined) {
      const found = listed.some((one) => differences(one, this.filled(lacks)).length === 0);
      assert.ok(!found, `a row with ${describe(lacks)}: ${said}`);
    }
    if (rows !== undefined) assert.equal(listed.length, rows, said);
    for (const [name, field] of Object.entries(keeps ?? {})) {
      const value = shown[field];
      assert.ok(typeof value === 'string' && value !== '', `no ${field}: ${said}`);
      this.kept.set(name, value);
    }
  }

  /** With {names} replaced in cells too. */
  private filled(cells: Cells): Cells {
    const fill = (text: string): string =>
      text.replace(/\{(\w+)\}/g, (whole, name: string) => this.kept.get(name) ?? whole);
    return Object.fromEntries(
      Object.entries(cells).map(([name, cell]) => [name, typeof cell === 'string' ? fill(cell) : cell]),
    );
  }

  private run(line: string, typist: Typist): Promise<Ending> {
    return this.nursery.run(wordsOf(line), {
      PATH: process.env['PATH'] ?? '',
      HOME: this.home,
      LC_ALL: 'C.UTF-8',
      ...environmentOf(typist, this.admin),
    });
  }
}

/** As a shell splits them: at blanks, but not between single quotes. */
function wordsOf(line: string): readonly string[] {
  return (line.match(/(?:'[^']*'|[^\s'])+/g) ?? []).map((word) => word.replaceAll("'", ''));
}

type Shown = Readonly<Record<string, unknown>>;

/** One thing and a list, whichever was printed: JSON where the user asked for it, else cinder's tables. */
function read(line: string, stdout: string, said: string): [Shown, readonly Shown[]] {
  if (line.endsWith('-f json')) {
    try {
      const parsed = JSON.parse(stdout) as Shown | Shown[];
      return Array.isArray(parsed) ? [{}, parsed] : [parsed, []];
    } catch (error) {
      return assert.fail(`no JSON (${String(error)}): ${said}`);
    }
  }
  const listed = parseClientTables(stdout);
  return [fieldsOfTable(listed), listed];
}

/** Names of the cells that are not as wanted, with what they are. */
function differences(seen: Shown, wanted: Cells): readonly string[] {
  return Object.entries(wanted)
    .filter(([name, cell]) => !isAsWanted(seen[name], cell))
    .map(([name]) => `${name}: ${JSON.stringify(seen[name])}`);
}

function isAsWanted(seen: unknown, wanted: Cells[string]): boolean {
  if (wanted instanceof RegExp) return wanted.test(typeof seen === 'string' ? seen : JSON.stringify(seen));
  try {
    assert.deepEqual(seen, wanted);
    return true;
  } catch {
    return false;
  }
}

function describe(cells: Cells): string {
  return Object.entries(cells)
    .map(([name, cell]) => `${name} ${cell instanceof RegExp ? String(cell) : JSON.stringify(cell)}`)
    .join(', ');
}
