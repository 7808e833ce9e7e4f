package main

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math/rand"
	"reflect"
	"sort"
	"time"

	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/runtime/serializer/protobuf"
	"k8s.io/apimachinery/pkg/util/intstr"
	utilruntime "k8s.io/apimachinery/pkg/util/runtime"
)

const maxDepth = 12

type line struct {
	APIVersion string          `json:"apiVersion"`
	Kind       string          `json:"kind"`
	JSON       json.RawMessage `json:"json"`
	Protobuf   string          `json:"protobuf"`
}

func objects(seed int64, count int) {
	kinds := []schema.GroupVersionKind{}
	for kind, known := range scheme.AllKnownTypes() {
		if _, ok := reflect.New(known).Interface().(metav1.Object); ok && kind.Group != "meta.k8s.io" {
			kinds = append(kinds, kind)
		}
	}
	sort.Slice(kinds, func(a, b int) bool { return kinds[a].String() < kinds[b].String() })
	serializer := protobuf.NewSerializer(scheme, scheme)
	for _, kind := range kinds {
		for round := range count {
			object, err := scheme.New(kind)
			utilruntime.Must(err)
			// why: the first object of a kind has every field, the others have some
			filler := filler{random: rand.New(rand.NewSource(seed + int64(round))), isFull: round == 0}
			filler.fill(reflect.ValueOf(object).Elem(), 0)
			object.GetObjectKind().SetGroupVersionKind(kind)
			encoded, err := json.Marshal(object)
			utilruntime.Must(err)
			wire := bytes.Buffer{}
			utilruntime.Must(serializer.Encode(object, &wire))
			printed, err := json.Marshal(line{kind.GroupVersion().String(), kind.Kind, encoded, base64.StdEncoding.EncodeToString(wire.Bytes())})
			utilruntime.Must(err)
			fmt.Println(string(printed))
		}
	}
}

type filler struct {
	random *rand.Rand
	isFull bool
}

func (f filler) sometimes() bool { return f.isFull || f.random.Intn(2) == 0 }

func (f filler) fill(value reflect.Value, depth int) {
	if f.fillSpecial(value, depth) {
		return
	}
	switch value.Kind() {
	case reflect.Struct:
		for index := range value.NumField() {
			if value.Type().Field(index).Name != "TypeMeta" {
				f.fill(value.Field(index), depth+1)
			}
		}
	case reflect.Pointer:
		if depth < maxDepth && f.sometimes() {
			value.Set(reflect.New(value.Type().Elem()))
			f.fill(value.Elem(), depth+1)
		}
	case reflect.Slice:
		f.fillSlice(value, depth)
	case reflect.Map:
		f.fillMap(value, depth)
	case reflect.String:
		if f.sometimes() {
			value.SetString(fmt.Sprintf("t%d", f.random.Intn(1000)))
		}
	case reflect.Bool:
		value.SetBool(f.sometimes())
	case reflect.Int32:
		if f.sometimes() {
			value.SetInt(int64(f.random.Int31()) - 1<<30)
		}
	case reflect.Int64, reflect.Int:
		if f.sometimes() {
			value.SetInt(int64(f.random.Uint64()))
		}
	case reflect.Float64:
		if f.sometimes() {
			value.SetFloat(f.random.NormFloat64())
		}
	}
}

func (f filler) fillSlice(value reflect.Value, depth int) {
	if depth >= maxDepth || !f.sometimes() {
		return
	}
	if value.Type().Elem().Kind() == reflect.Uint8 {
		value.SetBytes([]byte{byte(f.random.Intn(256)), 0, 255})
		return
	}
	made := reflect.MakeSlice(value.Type(), 1+f.random.Intn(2), 2)
	for index := range made.Len() {
		f.fill(made.Index(index), depth+1)
	}
	value.Set(made)
}

func (f filler) fillMap(value reflect.Value, depth int) {
	if depth >= maxDepth || !f.sometimes() {
		return
	}
	made := reflect.MakeMap(value.Type())
	for _, name := range []string{"a", "__proto__", "constructor"} {
		item := reflect.New(value.Type().Elem()).Elem()
		f.fill(item, depth+1)
		made.SetMapIndex(reflect.ValueOf(name).Convert(value.Type().Key()), item)
	}
	value.Set(made)
}

// fillSpecial fills what is not the sum of its fields.
func (f filler) fillSpecial(value reflect.Value, depth int) bool {
	set := func(made any) bool {
		value.Set(reflect.ValueOf(made))
		return true
	}
	seconds := time.Unix(int64(f.random.Int31()), 0).UTC()
	switch value.Interface().(type) {
	case resource.Quantity:
		return set(resource.MustParse(fmt.Sprintf("%dMi", f.random.Intn(1000))))
	case metav1.Time:
		return set(metav1.NewTime(seconds))
	case metav1.MicroTime:
		return set(metav1.NewMicroTime(seconds.Add(time.Duration(f.random.Intn(1000000)) * time.Microsecond)))
	case metav1.Duration:
		return set(metav1.Duration{Duration: time.Duration(f.random.Intn(1000)) * time.Second})
	case intstr.IntOrString:
		if f.random.Intn(2) == 0 {
			return set(intstr.FromInt32(f.random.Int31n(3)))
		}
		return set(intstr.FromString("50%"))
	case metav1.FieldsV1:
		return set(metav1.FieldsV1{Raw: []byte(`{"f:a":{}}`)})
	case runtime.RawExtension:
		return set(runtime.RawExtension{Raw: []byte(`{"apiVersion":"v1","kind":"A","n":9007199254740993}`)})
	case apiextensionsv1.JSON:
		return set(apiextensionsv1.JSON{Raw: []byte([]string{`9007199254740993`, `null`, `"x"`, `{"a":[1]}`, `false`}[f.random.Intn(5)])})
	case apiextensionsv1.JSONSchemaPropsOrBool:
		made := apiextensionsv1.JSONSchemaPropsOrBool{Allows: f.random.Intn(2) == 0}
		if depth < maxDepth && f.sometimes() {
			made = apiextensionsv1.JSONSchemaPropsOrBool{Allows: true, Schema: f.schema(depth)}
		}
		return set(made)
	case apiextensionsv1.JSONSchemaPropsOrArray:
		if f.random.Intn(2) == 0 || depth >= maxDepth {
			return set(apiextensionsv1.JSONSchemaPropsOrArray{JSONSchemas: []apiextensionsv1.JSONSchemaProps{*f.schema(depth)}})
		}
		return set(apiextensionsv1.JSONSchemaPropsOrArray{Schema: f.schema(depth)})
	case apiextensionsv1.JSONSchemaPropsOrStringArray:
		if f.random.Intn(2) == 0 || depth >= maxDepth {
			return set(apiextensionsv1.JSONSchemaPropsOrStringArray{Property: []string{"a"}})
		}
		return set(apiextensionsv1.JSONSchemaPropsOrStringArray{Schema: f.schema(depth)})
	}
	return false
}

func (f filler) schema(depth int) *apiextensionsv1.JSONSchemaProps {
	made := &apiextensionsv1.JSONSchemaProps{}
	// why deeper: schemas hold schemas, and twenty times as many on each level would be too many
	f.fill(reflect.ValueOf(made).Elem(), max(depth+1, maxDepth-1))
	return made
}
