package main

import (
	"reflect"
	"strconv"
	"strings"

	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/intstr"
)

// field is the name in JSON, the number, the type, the label, and letters for what Go makes of it:
// p = a pointer, so that a zero was meant; v = a struct that is always there; i = inlined, its members stand beside the others;
// r = written as JSON even where it is empty.
type field = [5]any

type protoPackage struct {
	Messages map[string][]field `json:"messages"`
}

// Messages that Go writes by hand: their fields carry no tags.
var byHand = map[reflect.Type][]field{
	reflect.TypeOf(resource.Quantity{}):  {{"string", 1, "string", "optional", ""}},
	reflect.TypeOf(metav1.Time{}):        {{"seconds", 1, "int64", "optional", ""}, {"nanos", 2, "int32", "optional", ""}},
	reflect.TypeOf(metav1.MicroTime{}):   {{"seconds", 1, "int64", "optional", ""}, {"nanos", 2, "int32", "optional", ""}},
	reflect.TypeOf(metav1.Duration{}):    {{"duration", 1, "int64", "optional", ""}},
	reflect.TypeOf(intstr.IntOrString{}): {{"type", 1, "int64", "optional", ""}, {"intVal", 2, "int32", "optional", ""}, {"strVal", 3, "string", "optional", ""}},
}

func messages() map[string]protoPackage {
	found := map[string]protoPackage{}
	for _, known := range scheme.AllKnownTypes() {
		if known.PkgPath() != "k8s.io/apimachinery/pkg/apis/meta/v1" || known.Name() != "WatchEvent" {
			visit(known, found)
		}
	}
	visit(reflect.TypeOf(runtime.Unknown{}), found)
	return found
}

func visit(kind reflect.Type, found map[string]protoPackage) {
	pkg := packageOf(kind)
	if _, ok := found[pkg]; !ok {
		found[pkg] = protoPackage{Messages: map[string][]field{}}
	}
	if _, ok := found[pkg].Messages[kind.Name()]; ok {
		return
	}
	if fields, ok := byHand[kind]; ok {
		found[pkg].Messages[kind.Name()] = fields
		return
	}
	if kind.Kind() == reflect.Slice {
		found[pkg].Messages[kind.Name()] = []field{{"items", 1, "string", "repeated", ""}}
		return
	}
	fields := []field{}
	found[pkg].Messages[kind.Name()] = fields
	for index := range kind.NumField() {
		if made, ok := describe(kind.Field(index), found); ok {
			fields = append(fields, made)
		}
	}
	found[pkg].Messages[kind.Name()] = fields
}

func describe(member reflect.StructField, found map[string]protoPackage) (field, bool) {
	parts := strings.Split(member.Tag.Get("protobuf"), ",")
	number, err := strconv.Atoi(strings.Join(parts[min(1, len(parts)):min(2, len(parts))], ""))
	if err != nil {
		return field{}, false
	}
	name, options, _ := strings.Cut(member.Tag.Get("json"), ",")
	letters := ""
	if strings.Contains(options, "inline") || (name == "" && member.Anonymous) {
		letters += "i"
	}
	if name != "" && name != "-" && !strings.Contains(options, "omit") {
		letters += "r"
	}
	if name == "" || name == "-" {
		name = nameOf(parts)
	}
	inner, label := member.Type, "optional"
	switch {
	case inner.Kind() == reflect.Pointer:
		inner, letters = inner.Elem(), letters+"p"
	case inner.Kind() == reflect.Struct && !strings.Contains(letters, "i"):
		letters += "v"
	case inner.Kind() == reflect.Slice && inner.Elem().Kind() != reflect.Uint8 && !isMessage(inner):
		inner, label = inner.Elem(), "repeated"
		if inner.Kind() == reflect.Pointer {
			inner = inner.Elem()
		}
	case inner.Kind() == reflect.Map:
		return field{name, number, "map<string," + typeOf(inner.Elem(), found) + ">", label, letters}, true
	}
	return field{name, number, typeOf(inner, found), label, letters}, true
}

func nameOf(parts []string) string {
	for _, part := range parts {
		if name, ok := strings.CutPrefix(part, "name="); ok {
			return name
		}
	}
	return ""
}

func isMessage(kind reflect.Type) bool {
	_, ok := reflect.PointerTo(kind).MethodByName("MarshalToSizedBuffer")
	return ok
}

func typeOf(kind reflect.Type, found map[string]protoPackage) string {
	switch kind.Kind() {
	case reflect.String:
		return "string"
	case reflect.Bool:
		return "bool"
	case reflect.Int32:
		return "int32"
	case reflect.Int64, reflect.Int:
		return "int64"
	case reflect.Float64:
		return "double"
	case reflect.Slice:
		if kind.Elem().Kind() == reflect.Uint8 {
			return "bytes"
		}
	}
	visit(kind, found)
	return "." + packageOf(kind) + "." + kind.Name()
}

func packageOf(kind reflect.Type) string {
	return strings.ReplaceAll(strings.ReplaceAll(kind.PkgPath(), "-", "_"), "/", ".")
}
