// The compute API as the shell serves it. Older clients put the project id behind the version, so it may stand there.
import { readSpec } from '../../core/runtime/spec-files.js';
import type { ApiDefinition } from '../shell/api.js';
import type { OpenApiDocument } from '../shell/body-validator.js';
import type { ComputeApi } from './compute-api.js';
import { computeVersions } from './microversions.js';
import { computeRoutes } from './routes.js';

export function defineComputeApi(api: ComputeApi): ApiDefinition {
  return {
    name: 'compute',
    prefix: '/compute',
    document: readSpec('compute') as OpenApiDocument,
    routes: computeRoutes(api),
    faults: 'fault',
    versions: computeVersions,
    projectBehind: '/v2.1',
  };
}
