import type { BackendResourceRef } from '../generated/types/kuma/target_ref.ts';
import {
  type AccessLogIr,
  type HttpHandlerIr,
  type LineFormatIr,
  type ListenerIr,
  type OtlpValueIr,
  type PassthroughListenerIr,
  type ProxyIr,
  type RouteConfigIr,
  type TcpHandlerIr,
  type TemplateIr,
  template,
} from '../ir/index.ts';
import { byIdentity } from '../memo/by-identity.ts';
import type { Memo } from '../memo/memo.ts';
import type { OtelTarget } from '../policies/otel-collector.ts';
import { deepFreeze } from '../resources/freeze.ts';
import { otelBackendKind } from '../snapshot/otel-backends.ts';
import { logsOfListener } from './logs-of-listener.ts';
import type { OwnFacts } from './own-facts.ts';

type Logging = Pick<ProxyIr, 'listeners' | 'routes'>;

/** Whether there is anything to fill in. */
export function hasLogs({ listeners, routes }: Logging): boolean {
  return listenersHaveLogs(listeners) || routesHaveLogs(routes);
}

const listenersHaveLogs = byIdentity((listeners: ProxyIr['listeners']) =>
  listeners.some((listener) => logsOfListener(listener).length > 0),
);

const routesHaveLogs = byIdentity((routes: ProxyIr['routes']) =>
  routes.some((config) => config.routes.some(({ accessLogs }) => accessLogs !== undefined)),
);

/**
 * Fills in what is different for each proxy. Last of all, so that everything before is shared by proxies alike; a listener
 * that says nothing of the proxy stays as it is, and one that does is shared by the proxies of which it says the same.
 */
export function fillIn(proxy: Logging, facts: OwnFacts, memo: Memo): ProxyIr['listeners'] {
  const listeners = proxy.listeners.map((listener) => settled(listener, proxy.routes, facts, memo));
  return listeners.every((listener, i) => listener === proxy.listeners[i]) ? proxy.listeners : Object.freeze(listeners);
}

/** References to collectors of all logs of a proxy. */
export function logReferences({ listeners, routes }: Logging): readonly BackendResourceRef[] {
  const ofListeners = listeners.flatMap(logsOfListener);
  const ofRoutes = routes.flatMap((config) => config.routes.flatMap(({ accessLogs = [] }) => accessLogs));
  return [...ofListeners, ...ofRoutes].filter((log) => log.kind === 'referred').map(refOf);
}

function settled(listener: ListenerIr, routes: ProxyIr['routes'], facts: OwnFacts, memo: Memo): ListenerIr {
  if (listener.kind === 'passthrough') return settledOutside(listener, facts, memo);
  if (listener.kind !== 'inbound' && listener.kind !== 'outbound') return listener;
  const { handler } = listener;
  const config = handler.kind === 'http' ? routes.find(({ name }) => name === handler.routeConfig) : undefined;
  const logs = logsOf(handler, config);
  if (logs.length === 0) return listener;
  const { said, told } = asked(facts);
  const filled = logs.flatMap((log) => filledLog(log, told) ?? []);
  return memo.once('filled in', [listener, config, ...said()], () =>
    deepFreeze({ ...listener, handler: { ...handler, accessLogs: filled } }),
  );
}

function settledOutside(listener: PassthroughListenerIr, facts: OwnFacts, memo: Memo): PassthroughListenerIr {
  const { accessLogs } = listener;
  if (accessLogs === undefined) return listener;
  const { said, told } = asked(facts);
  const filled = (logs: readonly AccessLogIr[]) => logs.flatMap((log) => filledLog(log, told) ?? []);
  const logs = { connections: filled(accessLogs.connections), requests: filled(accessLogs.requests) };
  return memo.once('filled in', [listener, ...said()], () => deepFreeze({ ...listener, accessLogs: logs }));
}

/** The facts, and what was said of them so far. */
function asked(facts: OwnFacts): { readonly told: OwnFacts; readonly said: () => readonly unknown[] } {
  const said: unknown[] = [];
  const noted = <Value>(value: Value) => {
    said.push(value);
    return value;
  };
  return {
    told: {
      say: (fact) => noted(facts.say(fact)),
      logTarget: (ref) => noted(facts.logTarget(ref)),
      get logPipe() {
        return noted(facts.logPipe ?? '') || undefined;
      },
    },
    said: () => said,
  };
}

/** Those of the listener, and those that single routes have in their place. */
function logsOf(handler: HttpHandlerIr | TcpHandlerIr, config: RouteConfigIr | undefined): readonly AccessLogIr[] {
  const apart = config?.routes.filter(({ accessLogs }) => accessLogs !== undefined) ?? [];
  const usual = handler.accessLogs ?? [];
  if (apart.length === 0) return usual;
  const names = [...new Set(apart.map(({ name }) => name))];
  return [
    ...usual.map((log): AccessLogIr => ({ ...log, routes: { kind: 'except', names } })),
    ...apart.flatMap(({ name, accessLogs = [] }) =>
      accessLogs.map((log): AccessLogIr => ({ ...log, routes: { kind: 'only', names: [name] } })),
    ),
  ];
}

/** undefined: the sidecar cannot carry it out, or the collector is not there. */
function filledLog(log: AccessLogIr, facts: OwnFacts): AccessLogIr | undefined {
  switch (log.kind) {
    case 'file':
      return { ...log, format: filledFormat(log.format, facts) };
    case 'tcp': {
      const pipe = facts.logPipe;
      return pipe === undefined ? undefined : { ...log, pipe, format: filledFormat(log.format, facts) };
    }
    case 'referred': {
      const target = facts.logTarget(refOf(log));
      return target && filledLog(collectedLog(log, target), facts);
    }
    case 'collected':
      return {
        ...log,
        body: filledValue(log.body, facts),
        attributes: filledFields(log.attributes, facts),
        resource: filledFields(log.resource, facts).filter(({ value }) => !isEmpty(value)),
      };
  }
}

type ReferredLog = Extract<AccessLogIr, { kind: 'referred' }>;

function refOf({ backend }: ReferredLog): BackendResourceRef {
  return { kind: otelBackendKind, ...backend };
}

function collectedLog(
  { body, attributes, resource, routes, clients }: ReferredLog,
  { name, collector, path }: OtelTarget,
): AccessLogIr {
  return {
    kind: 'collected',
    collector: { cluster: `meshaccesslog:opentelemetry:${name}`, ...collector },
    ...(path !== undefined && { path }),
    body,
    attributes,
    resource,
    ...(routes && { routes }),
    ...(clients && { clients }),
  };
}

function filledFormat(format: LineFormatIr, facts: OwnFacts): LineFormatIr {
  return format.kind === 'plain'
    ? { ...format, line: filledTemplate(format.line, facts) }
    : { ...format, fields: filledFields(format.fields, facts) };
}

function filledFields<Field extends { readonly value: TemplateIr }>(fields: readonly Field[], facts: OwnFacts): readonly Field[] {
  return fields.map((field) => ({ ...field, value: filledTemplate(field.value, facts) }));
}

function filledValue(value: OtlpValueIr, facts: OwnFacts): OtlpValueIr {
  switch (value.kind) {
    case 'text':
      return { ...value, text: filledTemplate(value.text, facts) };
    case 'list':
      return { ...value, values: value.values.map((item) => filledValue(item, facts)) };
    case 'map':
      return { ...value, entries: value.entries.map((entry) => ({ ...entry, value: filledValue(entry.value, facts) })) };
    default:
      return value;
  }
}

function filledTemplate(parts: TemplateIr, facts: OwnFacts): TemplateIr {
  return template(parts.map((part) => (part.kind === 'proxy' ? { kind: 'text', text: facts.say(part.fact) } : part)));
}

function isEmpty(parts: TemplateIr): boolean {
  return parts.every((part) => part.kind === 'text' && part.text === '');
}
