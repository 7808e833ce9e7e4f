// Command client-go drives an API server with the unmodified client libraries of Kubernetes.
// It prints one JSON line for each thing that it sees; what is expected is up to the test that starts it.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"sync"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	applycorev1 "k8s.io/client-go/applyconfigurations/core/v1"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/cache"
	"k8s.io/client-go/tools/clientcmd"
	"k8s.io/client-go/tools/leaderelection"
	"k8s.io/client-go/tools/leaderelection/resourcelock"
)

type line map[string]any

var out sync.Mutex

func say(fields line) {
	out.Lock()
	defer out.Unlock()
	encoded, _ := json.Marshal(fields)
	fmt.Println(string(encoded))
}

func check(err error) {
	if err != nil {
		say(line{"error": err.Error(), "reason": string(apierrors.ReasonForError(err))})
		os.Exit(1)
	}
}

// usage: client-go KUBECONFIG NAMESPACE informer | elect IDENTITY | apply | pages | dynamic | protobuf
func main() {
	config, err := clientcmd.BuildConfigFromFlags("", os.Args[1])
	check(err)
	config.QPS, config.Burst = 1000, 1000
	namespace, args := os.Args[2], os.Args[3:]
	ctx, cancel := context.WithCancel(context.Background())
	go func() {
		for bufio.NewScanner(os.Stdin).Scan() {
		}
		cancel()
	}()
	client := kubernetes.NewForConfigOrDie(config)
	switch args[0] {
	case "informer":
		watch(ctx, client, namespace)
	case "elect":
		elect(ctx, client, namespace, args[1])
	case "apply":
		apply(ctx, client, namespace)
	case "pages":
		pages(ctx, client, namespace)
	case "dynamic":
		custom(ctx, config, namespace)
	case "protobuf":
		inProtobuf(ctx, config, namespace)
	}
}

// watch prints what the handlers of a shared informer see, until the input ends.
func watch(ctx context.Context, client kubernetes.Interface, namespace string) {
	factory := informers.NewSharedInformerFactoryWithOptions(client, 0, informers.WithNamespace(namespace))
	informer := factory.Core().V1().ConfigMaps().Informer()
	see := func(event string, object any) {
		if gone, ok := object.(cache.DeletedFinalStateUnknown); ok {
			object = gone.Obj
		}
		seen := object.(*corev1.ConfigMap)
		say(line{"event": event, "name": seen.Name, "value": seen.Data["value"]})
	}
	_, err := informer.AddEventHandler(cache.ResourceEventHandlerFuncs{
		AddFunc: func(object any) { see("add", object) },
		UpdateFunc: func(before, object any) {
			if before.(*corev1.ConfigMap).ResourceVersion != object.(*corev1.ConfigMap).ResourceVersion {
				see("update", object)
			}
		},
		DeleteFunc: func(object any) { see("delete", object) },
	})
	check(err)
	factory.Start(ctx.Done())
	factory.WaitForCacheSync(ctx.Done())
	say(line{"synced": true})
	<-ctx.Done()
}

// elect takes part in an election with short times, and prints who leads.
func elect(ctx context.Context, client kubernetes.Interface, namespace, identity string) {
	lock := &resourcelock.LeaseLock{
		LeaseMeta:  metav1.ObjectMeta{Name: "election", Namespace: namespace},
		Client:     client.CoordinationV1(),
		LockConfig: resourcelock.ResourceLockConfig{Identity: identity},
	}
	leaderelection.RunOrDie(ctx, leaderelection.LeaderElectionConfig{
		Lock:            lock,
		ReleaseOnCancel: true,
		LeaseDuration:   4 * time.Second,
		RenewDeadline:   3 * time.Second,
		RetryPeriod:     500 * time.Millisecond,
		Callbacks: leaderelection.LeaderCallbacks{
			OnStartedLeading: func(context.Context) { say(line{"leading": identity}) },
			OnStoppedLeading: func() { say(line{"stopped": identity}) },
			OnNewLeader:      func(leader string) { say(line{"leader": leader}) },
		},
	})
}

// apply shows a conflict between two managers, and how force ends it.
func apply(ctx context.Context, client kubernetes.Interface, namespace string) {
	maps := client.CoreV1().ConfigMaps(namespace)
	wanted := func(value string) *applycorev1.ConfigMapApplyConfiguration {
		return applycorev1.ConfigMap("applied", namespace).WithData(map[string]string{"value": value})
	}
	_, err := maps.Apply(ctx, wanted("one"), metav1.ApplyOptions{FieldManager: "first"})
	check(err)
	_, err = maps.Apply(ctx, wanted("two"), metav1.ApplyOptions{FieldManager: "second"})
	causes := []string{}
	if status, ok := err.(apierrors.APIStatus); ok && status.Status().Details != nil {
		for _, cause := range status.Status().Details.Causes {
			causes = append(causes, cause.Field)
		}
	}
	say(line{"conflict": apierrors.IsConflict(err), "fields": causes})
	object, err := maps.Apply(ctx, wanted("two"), metav1.ApplyOptions{FieldManager: "second", Force: true})
	check(err)
	extracted, err := applycorev1.ExtractConfigMap(object, "first")
	check(err)
	say(line{"value": object.Data["value"], "first owns": extracted.Data})
}

// pages lists in pages of 7, and prints how many came and whether all were of one revision.
func pages(ctx context.Context, client kubernetes.Interface, namespace string) {
	options := metav1.ListOptions{Limit: 7, LabelSelector: "page=yes"}
	names, revisions, sizes := map[string]bool{}, map[string]bool{}, []int{}
	for {
		list, err := client.CoreV1().ConfigMaps(namespace).List(ctx, options)
		check(err)
		for _, item := range list.Items {
			names[item.Name] = true
		}
		sizes, revisions[list.ResourceVersion] = append(sizes, len(list.Items)), true
		if options.Continue = list.Continue; options.Continue == "" {
			break
		}
		// a change between two pages is not in them
		_, err = client.CoreV1().ConfigMaps(namespace).Create(ctx, &corev1.ConfigMap{
			ObjectMeta: metav1.ObjectMeta{GenerateName: "zz-", Labels: map[string]string{"page": "yes"}},
		}, metav1.CreateOptions{})
		check(err)
	}
	say(line{"names": len(names), "revisions": len(revisions), "sizes": sizes})
}

// custom creates, changes and watches an object of an own kind.
func custom(ctx context.Context, config *rest.Config, namespace string) {
	shelves := dynamic.NewForConfigOrDie(config).
		Resource(schema.GroupVersionResource{Group: "stores.example.com", Version: "v1", Resource: "shelves"}).Namespace(namespace)
	object := &unstructured.Unstructured{Object: map[string]any{
		"apiVersion": "stores.example.com/v1", "kind": "Shelf",
		"metadata": map[string]any{"name": "oak"}, "spec": map[string]any{"rows": int64(3), "unknown": "x"},
	}}
	made, err := shelves.Create(ctx, object, metav1.CreateOptions{})
	check(err)
	say(line{"spec": made.Object["spec"]})
	watching, err := shelves.Watch(ctx, metav1.ListOptions{ResourceVersion: made.GetResourceVersion()})
	check(err)
	check(unstructured.SetNestedField(made.Object, int64(4), "spec", "rows"))
	newest, err := shelves.Update(ctx, made, metav1.UpdateOptions{})
	check(err)
	event := <-watching.ResultChan()
	say(line{"event": string(event.Type), "spec": event.Object.(*unstructured.Unstructured).Object["spec"]})
	check(unstructured.SetNestedField(made.Object, int64(99), "spec", "rows"))
	_, err = shelves.Update(ctx, made, metav1.UpdateOptions{})
	say(line{"stale": apierrors.IsConflict(err)})
	made.SetResourceVersion(newest.GetResourceVersion())
	_, err = shelves.Update(ctx, made, metav1.UpdateOptions{})
	say(line{"invalid": apierrors.IsInvalid(err), "message": err.Error()})
}

// inProtobuf sends its objects as protobuf.
func inProtobuf(ctx context.Context, config *rest.Config, namespace string) {
	config.ContentType = "application/vnd.kubernetes.protobuf"
	client := kubernetes.NewForConfigOrDie(config)
	secret := &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Name: "binary"}, Data: map[string][]byte{"bytes": {0, 255, 1}}}
	_, err := client.CoreV1().Secrets(namespace).Create(ctx, secret, metav1.CreateOptions{})
	check(err)
	got, err := client.CoreV1().Secrets(namespace).Get(ctx, "binary", metav1.GetOptions{})
	check(err)
	say(line{"bytes": got.Data["bytes"], "type": string(got.Type)})
	check(client.CoreV1().Secrets(namespace).Delete(ctx, "binary", metav1.DeleteOptions{Preconditions: metav1.NewUIDPreconditions(string(got.UID))}))
}
