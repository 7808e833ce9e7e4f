/** Folders are layers: what each may import (ARCHITECTURE.md, "Folders are layers"). There is no list of exceptions. */
const layer = (name, from, allowed) => ({
  name,
  severity: 'error',
  comment: `${from} may import ${allowed.join(', ') || 'nothing'} of src/`,
  from: { path: `^src/${from}/`, pathNot: '\\.test\\.tsx?$' },
  to: { path: '^(src|testing|bench|tools)/', pathNot: [`^src/${from}/`, ...allowed.map((folder) => `^src/${folder}`)] },
});

/** What a cluster has already (cluster) knows nothing of what works with drivers (csi), and neither knows what is Stowage's own. */
const wing = (name, others) => ({
  name: `wing-${name}`,
  severity: 'error',
  comment: `src/controllers/${name} knows nothing of ${others.join(' and ')}`,
  from: { path: `^src/controllers/${name}/`, pathNot: '\\.test\\.tsx?$' },
  to: { path: others.map((other) => `^src/controllers/${other}/`) },
});

/** Rooms of the API server, and what each stands on. A new one needs a line here. */
const API_ROOMS = {
  contract: [],
  cel: [],
  facts: [],
  patch: [],
  pki: [],
  spdy: [],
  protobuf: ['facts'],
  openapi: ['contract'],
  objects: ['contract'],
  representations: ['contract', 'objects'],
  apply: ['contract', 'objects'],
  access: ['contract', 'objects', 'pki'],
  custom: ['contract', 'cel'],
  admission: ['contract', 'objects', 'access', 'apply', 'cel', 'custom', 'patch'],
  verbs: ['contract', 'objects', 'access', 'admission', 'apply', 'patch'],
  client: ['contract', 'objects', 'access', 'verbs'],
  http: ['contract', 'objects', 'access', 'openapi', 'protobuf', 'representations', 'verbs'],
  streams: ['contract', 'access', 'admission', 'http', 'representations', 'spdy', 'verbs'],
};

/** Rooms of what a cluster has already. */
const CLUSTER_ROOMS = {
  'attach-detach': [],
  binding: [],
  classes: [],
  'custom-resources': [],
  disruption: ['workloads'],
  endpoints: ['workloads'],
  ephemeral: [],
  events: [],
  'garbage-collection': ['custom-resources'],
  'kubernetes-service': [],
  namespaces: [],
  'node-lifecycle': ['attach-detach', 'pod-removal', 'scheduling'],
  'pod-removal': [],
  protection: [],
  quota: [],
  'role-aggregation': [],
  scheduling: ['binding', 'pod-removal'],
  'service-accounts': [],
  workloads: ['scheduling'],
};

/** Rooms of what works with drivers. */
const CSI_ROOMS = {
  'driver-work': [],
  attachment: ['driver-work'],
  expansion: ['driver-work'],
  health: ['driver-work'],
  modification: ['driver-work'],
  provisioning: ['driver-work'],
  reclaim: ['driver-work'],
  snapshots: ['driver-work'],
  populators: ['driver-work'],
  capacity: ['driver-work', 'provisioning'],
};

/** Rooms of the node; all stand on its ground floor. */
const NODE_ROOMS = {
  images: [],
  machine: [],
  containers: ['images', 'machine'],
  status: ['containers'],
  network: ['containers', 'machine'],
  streams: ['containers', 'machine'],
  handlers: ['machine', 'streams'],
  logs: ['containers', 'status'],
  probes: ['containers', 'handlers', 'status'],
  registration: ['images', 'status'],
  volumes: ['containers', 'status'],
  pressure: ['containers', 'registration', 'status', 'volumes'],
  pods: ['containers', 'handlers', 'images', 'logs', 'machine', 'network', 'pressure', 'probes', 'status', 'volumes'],
  remote: [],
};
/** Where things of a pod lie, and what lies there. */
const NODE_GROUND = ['node-paths.ts', 'pod-record.ts', 'patient-limiter.ts'];

/** A room stands on the rooms that it names and on the ground floor, and on nothing else of its layer. */
const rooms = (folder, below, ground = []) => [
  ...Object.entries(below).map(([name, allowed]) => ({
    name: `room-${folder.split('/').at(-1)}-${name}`,
    severity: 'error',
    comment: `${folder}/${name} may import ${[...allowed, ...ground].join(', ') || 'no other room'} of ${folder}`,
    from: { path: `^${folder}/${name}/`, pathNot: '\\.test\\.tsx?$' },
    to: {
      path: `^${folder}/`,
      pathNot: [...[name, ...allowed].map((room) => `^${folder}/${room}/`), ...ground.map((file) => `^${folder}/${file}`)],
    },
  })),
  {
    name: `room-${folder.split('/').at(-1)}-unknown`,
    severity: 'error',
    comment: `a folder of ${folder} says in .dependency-cruiser.cjs what it stands on`,
    from: { path: `^${folder}/[^/]+/`, pathNot: [...Object.keys(below).map((room) => `^${folder}/${room}/`), '\\.test\\.tsx?$'] },
    to: { path: '^src/' },
  },
];

module.exports = {
  forbidden: [
    layer('kit', 'kit', []),
    layer('linux', 'linux', ['kit/']),
    layer('api', 'api', ['kit/']),
    layer('store', 'machinery/store', ['kit/', 'api/meta/']),
    layer('client', 'machinery/client', ['kit/', 'api/']),
    layer('runtime', 'machinery/runtime', ['kit/', 'api/', 'machinery/client/']),
    layer('apiserver', 'machinery/apiserver', ['kit/', 'api/', 'machinery/store/', 'machinery/client/']),
    ...rooms('src/machinery/apiserver', API_ROOMS),
    {
      name: 'verbs-guarded-once',
      severity: 'error',
      comment: 'what comes from outside reaches a verb through verbs/api.ts alone, which asks whether the user may and keeps the audit log',
      from: { path: '^src/machinery/apiserver/', pathNot: ['^src/machinery/apiserver/verbs/', '\\.test\\.tsx?$'] },
      to: {
        path: '^src/machinery/apiserver/verbs/',
        pathNot: '^src/machinery/apiserver/verbs/api\\.ts$',
        dependencyTypesNot: ['type-only'],
      },
    },
    layer('protocols', 'protocols', ['kit/']),
    layer('controllers', 'controllers', ['kit/', 'api/', 'machinery/client/', 'machinery/runtime/', 'protocols/']),
    wing('cluster', ['csi', 'stowage']),
    ...rooms('src/controllers/cluster', CLUSTER_ROOMS),
    wing('csi', ['cluster', 'stowage']),
    ...rooms('src/controllers/csi', CSI_ROOMS),
    layer('movers', 'movers', ['kit/', 'api/']),
    layer('drivers', 'drivers', ['kit/', 'linux/', 'protocols/']),
    layer('node', 'node', ['kit/', 'linux/', 'api/', 'machinery/client/', 'protocols/']),
    ...rooms('src/node', NODE_ROOMS, NODE_GROUND),
    layer('console', 'apps/console', ['api/', 'kit/']),
    { name: 'nothing-imports-apps', severity: 'error', from: { path: '^src/', pathNot: '^src/apps/' }, to: { path: '^src/apps/' } },
    {
      name: 'product-without-tests',
      severity: 'error',
      from: { path: '^src/', pathNot: '\\.test\\.tsx?$' },
      to: { path: '^(testing|bench|tools)/|\\.test\\.tsx?$' },
    },
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    { name: 'no-unresolved', severity: 'error', from: { path: '^src/' }, to: { couldNotResolve: true } },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    parser: 'swc',
    enhancedResolveOptions: { extensions: ['.ts', '.tsx', '.mjs', '.js', '.json'], conditionNames: ['import', 'node', 'types'] },
    exclude: { path: '\\.css$' },
  },
};
