import type { DescMessage } from '@bufbuild/protobuf';
import type { Origin } from '@kuma-mesh/core-model/ir/index.ts';
import { messageFromJson, messageToJson } from '@kuma-mesh/envoy-api/schema.ts';
import type { UnappliedPatch } from '../encoded.ts';
import type { Change } from './change.ts';
import { effectOfChange } from './effect-of-change.ts';
import { encodedMessage } from './encoded-message.ts';
import { halfMadeProblem } from './half-made.ts';
import type { JsonObject } from './json.ts';

/** What changes are applied to. */
interface Subject {
  readonly name: string;
  readonly schema: DescMessage;
  /** The message as JSON, which takes a while. */
  readonly read: () => JsonObject;
}

interface Changed {
  /** Undefined where nothing changed it. */
  readonly message: ReadMessage | undefined;
  readonly origins: readonly Origin[];
  readonly unapplied: readonly UnappliedPatch[];
}

/** A message as JSON, every field spelled in one way, and as bytes. */
export interface ReadMessage {
  readonly json: JsonObject;
  readonly bytes: Uint8Array;
}

/**
 * A message after changes, in order. As a change costs far less than to read what came of it, that is done after all of them;
 * where it is no message, after half as many, until the one at fault stands alone and is left out.
 * @returns undefined where one of them takes the message away
 */
export function changedMessage(subject: Subject, changes: readonly Change[]): Changed | undefined {
  const origins: Origin[] = [];
  const unapplied: UnappliedPatch[] = [];
  let message: ReadMessage | undefined;
  let unchanged: JsonObject | undefined;
  const json = (): JsonObject => {
    if (message) return message.json;
    unchanged ??= subject.read();
    return unchanged;
  };
  let size = changes.length;
  for (let at = 0; at < changes.length; ) {
    const some = changes.slice(at, at + size);
    try {
      const after = changedTogether(subject, json, some);
      if (after === undefined) return undefined;
      message = after.message ?? message;
      origins.push(...after.origins);
      unapplied.push(...after.unapplied);
    } catch (error) {
      if (some.length > 1) {
        size = some.length >> 1;
        continue;
      }
      unapplied.push(unappliedPatch(some[0]!, error));
    }
    at += some.length;
    size = some.length * 2;
  }
  return { message, origins, unapplied };
}

/** @throws Error where what comes of them all is no message, or none that Envoy may see */
function changedTogether({ name, schema }: Subject, before: () => JsonObject, changes: readonly Change[]): Changed | undefined {
  const origins: Origin[] = [];
  const unapplied: UnappliedPatch[] = [];
  let json: JsonObject | undefined;
  for (const change of changes) {
    try {
      if (change.unreadable !== undefined) throw new Error(change.unreadable);
      const current = json ?? before();
      const next = effectOfChange(schema, current, change);
      if (next === undefined) return undefined;
      if (next === current) continue;
      if (change.vain !== undefined) throw new Error(change.vain);
      // Others refer to it by its name, and where Envoy refused the renamed one, the one that works would be gone.
      if (next.name !== name) throw new Error(`the name cannot be changed; it must stay ${name}`);
      json = next;
      origins.push(change.origin);
    } catch (error) {
      unapplied.push(unappliedPatch(change, error));
    }
  }
  return { message: json && readMessage(schema, json), origins, unapplied };
}

/** @throws Error when it is no message of the type, or none that Envoy may see */
export function readMessage(schema: DescMessage, stated: JsonObject): ReadMessage {
  const json = messageToJson(schema, messageFromJson(schema, stated as never)) as JsonObject;
  const problem = schema.typeName === 'envoy.config.cluster.v3.Cluster' ? halfMadeProblem(json) : undefined;
  if (problem !== undefined) throw new Error(problem);
  return { json, bytes: encodedMessage(schema, json) };
}

export function unappliedPatch({ origin, index }: Change, error: unknown): UnappliedPatch {
  return { origin, index, reason: (error as Error).message };
}
