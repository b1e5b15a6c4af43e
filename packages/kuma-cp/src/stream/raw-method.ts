/** A gRPC method with streams both ways whose messages pass as bytes: decoded and framed by ourselves. */
export function rawStreamMethod<Path extends string>(path: Path) {
  return {
    path,
    requestStream: true,
    responseStream: true,
    requestSerialize: asIs,
    requestDeserialize: asIs,
    responseSerialize: asIs,
    responseDeserialize: asIs,
  } as const;
}

function asIs(bytes: Buffer): Buffer {
  return bytes;
}
