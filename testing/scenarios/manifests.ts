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
