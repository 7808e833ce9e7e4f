/** The manifests of the source documents that these scenarios paste, with the changes that each test names. */

/** The documents' claim example, on the default class instead of the Ceph class. */
export const EXAMPLE_CLAIM = `
apiVersion: v1
kind: PersistentVolumeClaim
metadata:
  name: example-pvc
  namespace: k-1
  annotations: {}
  labels: {}
spec:
  accessModes:
    - ReadWriteOnce
  volumeMode: Filesystem
  resources:
    requests:
      storage: 4Gi
`;

/** A pod that writes to the documents' claim. */
export const WRITER_POD = `
kind: Pod
apiVersion: v1
metadata:
  name: mypod
  namespace: k-1
spec:
  terminationGracePeriodSeconds: 1
  containers:
    - name: myfrontend
      image: busybox
      command: ["sh", "-c", "echo written by $(hostname) > /var/www/html/index.html && cat /var/www/html/index.html && sleep 3600"]
      volumeMounts:
      - mountPath: "/var/www/html"
        name: mypd
  volumes:
    - name: mypd
      persistentVolumeClaim:
        claimName: example-pvc
`;

/** The documents' emptyDir pod, as printed. */
export const EMPTYDIR_POD = `
apiVersion: v1
kind: Pod
metadata:
  name: emptydir-demo
spec:
  containers:
    - name: app
      image: busybox
      command: ["sh", "-c", "echo hello > /data/hello.txt && sleep 3600"]
      volumeMounts:
        - mountPath: /data
          name: cache-volume
  volumes:
    - name: cache-volume
      emptyDir: {}
`;

/** The documents' static HostPath volume, as printed. */
export const HOSTPATH_VOLUME = `
apiVersion: v1
kind: PersistentVolume
metadata:
  name: example-pv
spec:
  capacity:
    storage: 5Gi
  accessModes:
    - ReadWriteOnce
  persistentVolumeReclaimPolicy: Retain
  storageClassName: manual
  hostPath:
    path: "/mnt/data"
`;

/** A claim with everything that decides which volume it matches. */
export function claimManifest(options: {
  readonly name: string;
  readonly namespace: string;
  readonly className?: string;
  readonly size: string;
  readonly mode?: string;
}): string {
  return `
apiVersion: v1
kind: PersistentVolumeClaim
metadata: { name: ${options.name}, namespace: ${options.namespace} }
spec:
  accessModes: [${options.mode ?? 'ReadWriteOnce'}]
${options.className === undefined ? '' : `  storageClassName: ${JSON.stringify(options.className)}\n`}  resources: { requests: { storage: ${options.size} } }
`;
}

/**
 * The documents' StatefulSet with two claim templates and node affinity, with the embedded node's image and class; the zone's anti-affinity is left out,
 * because there is one node.
 */
export const TOPOLOGY_STATEFUL_SET = `
apiVersion: apps/v1
kind: StatefulSet
metadata:
  name: web
spec:
  serviceName: "nginx"
  replicas: 2
  selector:
    matchLabels:
      app: nginx
  template:
    metadata:
      labels:
        app: nginx
    spec:
      terminationGracePeriodSeconds: 1
      affinity:
        nodeAffinity:
          requiredDuringSchedulingIgnoredDuringExecution:
            nodeSelectorTerms:
            - matchExpressions:
              - key: failure-domain.beta.kubernetes.io/zone
                operator: In
                values:
                - us-central1-a
                - us-central1-f
      containers:
      - name: nginx
        image: busybox
        command: ["sh", "-c", "echo $(hostname) >> /usr/share/nginx/html/who; cat /usr/share/nginx/html/who; trap 'exit 0' TERM; while true; do sleep 1; done"]
        ports:
        - containerPort: 80
          name: web
        volumeMounts:
        - name: www
          mountPath: /usr/share/nginx/html
        - name: logs
          mountPath: /logs
  volumeClaimTemplates:
  - metadata:
      name: www
    spec:
      accessModes: [ "ReadWriteOnce" ]
      storageClassName: local-directory
      resources:
        requests:
          storage: 10Gi
  - metadata:
      name: logs
    spec:
      accessModes: [ "ReadWriteOnce" ]
      storageClassName: local-directory
      resources:
        requests:
          storage: 1Gi
`;

/** One daemon per node. */
export const DAEMON_SET = `
apiVersion: apps/v1
kind: DaemonSet
metadata:
  name: agent
spec:
  selector: {matchLabels: {app: agent}}
  template:
    metadata: {labels: {app: agent}}
    spec:
      terminationGracePeriodSeconds: 1
      containers:
      - {name: main, image: busybox, command: [sh, -c, 'trap "exit 0" TERM; while true; do sleep 1; done']}
`;

/** Three numbered parts, and a job that fails at once. */
export const JOBS = `
apiVersion: batch/v1
kind: Job
metadata:
  name: parts
spec:
  completions: 3
  parallelism: 3
  completionMode: Indexed
  template:
    spec:
      restartPolicy: Never
      containers:
      - {name: main, image: busybox, command: [sh, -c, 'echo part $JOB_COMPLETION_INDEX of $(hostname)']}
---
apiVersion: batch/v1
kind: Job
metadata:
  name: broken
spec:
  backoffLimit: 0
  template:
    spec:
      restartPolicy: Never
      containers:
      - {name: main, image: busybox, command: [sh, -c, 'exit 3']}
`;
