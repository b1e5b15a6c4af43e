import type { HeaderChangesIr, HeaderIr } from '@kuma-mesh/core-model/ir/index.ts';
import {
  HeaderValueOption_HeaderAppendAction as AppendAction,
  type HeaderValueOption,
} from '@kuma-mesh/envoy-api/generated/envoy/config/core/v3/base.ts';
import type { Route } from '@kuma-mesh/envoy-api/generated/envoy/config/route/v3/route_components.ts';

type HeaderChanges = Pick<
  Route,
  'requestHeadersToAdd' | 'requestHeadersToRemove' | 'responseHeadersToAdd' | 'responseHeadersToRemove'
>;

export function headerChanges(request: HeaderChangesIr, response: HeaderChangesIr): HeaderChanges {
  return {
    requestHeadersToAdd: headersToAdd(request),
    requestHeadersToRemove: [...request.remove],
    responseHeadersToAdd: headersToAdd(response),
    responseHeadersToRemove: [...response.remove],
  };
}

export function headersToAdd({ set, add }: HeaderChangesIr): HeaderValueOption[] {
  return [
    ...set.map((header) => headerOption(header, AppendAction.OVERWRITE_IF_EXISTS_OR_ADD)),
    ...add.map((header) => headerOption(header, AppendAction.APPEND_IF_EXISTS_OR_ADD)),
  ];
}

/** In what is text a percent sign would begin one of Envoy's command operators. */
function headerOption({ name, value, format }: HeaderIr, appendAction: AppendAction): HeaderValueOption {
  return { header: { key: name, value: format ? value : value.replaceAll('%', '%%') }, appendAction, keepEmptyValue: true };
}
