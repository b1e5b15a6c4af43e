/** A question, by a connection, whether an application is there; asked by its own proxy. Times are milliseconds. */
export interface ServiceProbeIr {
  /** One for each application; answers come under this name. */
  readonly name: string;
  readonly address: string;
  readonly port: number;
  readonly interval?: number;
  readonly timeout?: number;
  readonly healthyThreshold?: number;
  readonly unhealthyThreshold?: number;
}
