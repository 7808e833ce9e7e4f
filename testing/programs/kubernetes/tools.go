// Package kubernetes only names the upstream programs, so that the module graph keeps them.
package kubernetes

import (
	_ "github.com/onsi/ginkgo/v2/ginkgo/build"
	_ "k8s.io/kubernetes/cmd/kube-apiserver/app"
	_ "k8s.io/kubernetes/test/e2e"
	_ "k8s.io/kubernetes/test/images/agnhost"
)
