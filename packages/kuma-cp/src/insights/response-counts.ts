import type {
  DataplaneInsight_Subscription_ServiceStatus as Counts,
  DataplaneInsight_Subscription_Status as Status,
} from '@kuma-mesh/core-model/generated/types/kuma/insights.ts';
import { typeUrls } from '@kuma-mesh/xds-encode/encoded.ts';

export type Verdict = 'responsesSent' | 'responsesAcknowledged' | 'responsesRejected';

/** Where a type of resource is counted beside the total. Secrets have no place of their own. */
const counters: Readonly<Record<string, 'cds' | 'eds' | 'lds' | 'rds'>> = {
  [typeUrls.cluster]: 'cds',
  [typeUrls.endpoints]: 'eds',
  [typeUrls.listener]: 'lds',
  [typeUrls.route]: 'rds',
};

/** Responses of one stream. Counted in place, since this happens with every message; put into words when somebody asks. */
export class ResponseCounts {
  readonly #total = noResponses();
  readonly #byType = { cds: noResponses(), eds: noResponses(), lds: noResponses(), rds: noResponses() };
  #lastUpdate: number | undefined;

  add(typeUrl: string, verdict: Verdict): void {
    this.#lastUpdate = Date.now();
    this.#total[verdict] += 1;
    const counter = counters[typeUrl];
    if (counter !== undefined) this.#byType[counter][verdict] += 1;
  }

  get status(): Status {
    const { cds, eds, lds, rds } = this.#byType;
    return {
      ...(this.#lastUpdate !== undefined && { lastUpdateTime: new Date(this.#lastUpdate).toISOString() }),
      total: inWords(this.#total),
      cds: inWords(cds),
      eds: inWords(eds),
      lds: inWords(lds),
      rds: inWords(rds),
    };
  }
}

function noResponses(): Record<Verdict, number> {
  return { responsesSent: 0, responsesAcknowledged: 0, responsesRejected: 0 };
}

/** 64-bit numbers are text in protobuf's JSON. */
function inWords({ responsesSent, responsesAcknowledged, responsesRejected }: Record<Verdict, number>): Counts {
  return {
    responsesSent: String(responsesSent),
    responsesAcknowledged: String(responsesAcknowledged),
    responsesRejected: String(responsesRejected),
  };
}
