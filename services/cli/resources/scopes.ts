// `--project`, `--user` and the domains they are looked for in: the options, and the ids they stand for. An id of a project needs no
// question, because who may not list projects may still work with the id that somebody gave them.
import { isApiError } from '../cli-error.js';
import type { OptionSpec } from '../command.js';
import type { CommandInput } from '../command-input.js';
import type { Session } from '../session.js';
import { findDomain, findProject, findUser } from './lookups.js';

export const projectDomainOption: OptionSpec = {
  flags: '--project-domain <domain>',
  about: "the project's domain (name or ID), when several projects have the name",
};

export const userDomainOption: OptionSpec = {
  flags: '--user-domain <domain>',
  about: "the user's domain (name or ID), when several users have the name",
};

export function projectOptions(about: string): readonly OptionSpec[] {
  return [{ flags: '--project <project>', about }, projectDomainOption];
}

export function userOptions(about: string): readonly OptionSpec[] {
  return [{ flags: '--user <user>', about }, userDomainOption];
}

/** The id of a domain; undefined when none was given. */
export async function domainIdOf(session: Session, wanted: string | undefined): Promise<string | undefined> {
  return wanted === undefined ? undefined : (await findDomain(session, wanted)).id;
}

/** The id that a project's name stands for; an id that the caller may not look up is taken as it is. */
export async function projectIdOf(session: Session, wanted: string, domain: string | undefined): Promise<string> {
  try {
    return (await findProject(session, wanted, await domainIdOf(session, domain))).id;
  } catch (error) {
    if (isApiError(error, 403) && /^[0-9a-f-]{32,36}$/i.test(wanted)) return wanted;
    throw error;
  }
}

/** The project of `--project`; undefined when it was not given. */
export async function givenProjectId(session: Session, input: CommandInput): Promise<string | undefined> {
  const wanted = input.text('project');
  return wanted === undefined ? undefined : projectIdOf(session, wanted, input.text('project-domain'));
}

/** The user of `--user`; undefined when none was given. */
export async function givenUserId(session: Session, input: CommandInput): Promise<string | undefined> {
  const wanted = input.text('user');
  if (wanted === undefined) return undefined;
  return (await findUser(session, wanted, await domainIdOf(session, input.text('user-domain')))).id;
}
