type Field = readonly [name: string, number: number, type: string, label: 'optional' | 'repeated'];

const META = '.k8s.io.apimachinery.pkg.apis.meta.v1';
const QUANTITY = '.k8s.io.apimachinery.pkg.api.resource.Quantity';

/** Fields in the order of their numbers, as `name type`; a list's type ends in `[]`, a number of its own stands in front (`7:container Type`). */
function message(...fields: readonly string[]): readonly Field[] {
  return fields.map((text, index) => {
    const [, number, name = '', type = ''] = /^(?:(\d+):)?(\w+) (\S+)$/.exec(text) ?? [];
    const isList = type.endsWith('[]');
    return [name, Number(number ?? index + 1), isList ? type.slice(0, -2) : type, isList ? 'repeated' : 'optional'];
  });
}

/** Field numbers of autoscaling/v2 (k8s.io/api/autoscaling/v2/generated.proto of 1.36), which the folder of facts lacks. */
export const AUTOSCALING_V2 = {
  package: 'k8s.io.api.autoscaling.v2',
  enums: {},
  services: {},
  messages: {
    ContainerResourceMetricSource: message('name string', 'target MetricTarget', 'container string'),
    CrossVersionObjectReference: message('kind string', 'name string', 'apiVersion string'),
    ExternalMetricSource: message('metric MetricIdentifier', 'target MetricTarget'),
    HPAScalingPolicy: message('type string', 'value int32', 'periodSeconds int32'),
    HPAScalingRules: message(
      'selectPolicy string',
      'policies HPAScalingPolicy[]',
      'stabilizationWindowSeconds int32',
      `tolerance ${QUANTITY}`,
    ),
    HorizontalPodAutoscaler: message(
      `metadata ${META}.ObjectMeta`,
      'spec HorizontalPodAutoscalerSpec',
      'status HorizontalPodAutoscalerStatus',
    ),
    HorizontalPodAutoscalerBehavior: message('scaleUp HPAScalingRules', 'scaleDown HPAScalingRules'),
    HorizontalPodAutoscalerSpec: message(
      'scaleTargetRef CrossVersionObjectReference',
      'minReplicas int32',
      'maxReplicas int32',
      'metrics MetricSpec[]',
      'behavior HorizontalPodAutoscalerBehavior',
    ),
    HorizontalPodAutoscalerStatus: message(
      'observedGeneration int64',
      `lastScaleTime ${META}.Time`,
      'currentReplicas int32',
      'desiredReplicas int32',
    ),
    MetricIdentifier: message('name string', `selector ${META}.LabelSelector`),
    MetricSpec: message(
      'type string',
      'object ObjectMetricSource',
      'pods PodsMetricSource',
      'resource ResourceMetricSource',
      'external ExternalMetricSource',
      '7:containerResource ContainerResourceMetricSource',
    ),
    MetricTarget: message('type string', `value ${QUANTITY}`, `averageValue ${QUANTITY}`, 'averageUtilization int32'),
    ObjectMetricSource: message('describedObject CrossVersionObjectReference', 'target MetricTarget', 'metric MetricIdentifier'),
    PodsMetricSource: message('metric MetricIdentifier', 'target MetricTarget'),
    ResourceMetricSource: message('name string', 'target MetricTarget'),
  },
};
