// Who may import whom. The directions are drawn in ARCHITECTURE.md; here they are rules. Type imports count: a cycle of types is a cycle.
const api = '^services/api/';
const conductor = '^services/conductor/';
const workers = '^services/(volume|compute)-worker/';
const cli = '^services/cli/';
const core = '^services/core/';
const drivers = '^drivers/';

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    { name: 'api-without-bus-and-drivers', severity: 'error', from: { path: api }, to: { path: [`${core}bus/`, drivers, conductor, workers, cli] } },
    { name: 'conductor-without-drivers', severity: 'error', from: { path: conductor }, to: { path: [drivers, api, workers, cli] } },
    { name: 'workers-without-database', severity: 'error', from: { path: workers }, to: { path: [`${core}db/`, `${core}operations/`, api, conductor, cli] } },
    { name: 'cli-of-the-public-api', severity: 'error', from: { path: cli }, to: { path: ['^services/(?!cli/)', drivers] } },
    { name: 'drivers-are-leaves', severity: 'error', from: { path: drivers }, to: { path: ['^services/(?!core/domain/)', '^deploy/', '^api-spec/'] } },
    { name: 'domain-is-pure', severity: 'error', from: { path: `${core}domain/` }, to: { path: ['^services/(?!core/domain/)', drivers] } },
    { name: 'operations-are-pure', severity: 'error', from: { path: `${core}operations/` }, to: { path: ['^services/(?!core/(domain|messages|operations)/)', drivers] } },
    { name: 'core-knows-no-process', severity: 'error', from: { path: core }, to: { path: ['^services/(?!core/)', drivers, '^deploy/'] } },
    { name: 'knex-in-db-only', severity: 'error', from: { path: '^(services|drivers)/', pathNot: `${core}db/` }, to: { path: 'node_modules/(knex|pg)/' } },
    { name: 'amqplib-in-bus-only', severity: 'error', from: { path: '^(services|drivers)/', pathNot: `${core}bus/` }, to: { path: 'node_modules/amqplib/' } },
    { name: 'child-processes-in-one-place', severity: 'error', from: { path: '^(services|drivers)/', pathNot: '^drivers/process/' }, to: { path: '^(node:)?child_process$' } },
    { name: 'nothing-imports-tests', severity: 'error', from: { path: '^(services|drivers|deploy|api-spec)/' }, to: { path: '^test/' } },
    { name: 'no-unresolved', severity: 'error', from: {}, to: { couldNotResolve: true } },
    { name: 'no-dev-package-in-production', severity: 'error', from: { path: '^(services|drivers)/' }, to: { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['type-only'] } },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'require', 'node', 'default', 'types'] },
    exclude: { path: '(^dist/|/generated/)' },
  },
};
